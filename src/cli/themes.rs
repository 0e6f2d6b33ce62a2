//! `flexposture themes`: which themes there are, and how each looks on this terminal.

use std::io::{self, IsTerminal, Write};

use crate::config::folder_of_user;
use crate::documents::text::{neutral, neutral_lines};
use crate::look::{Colours, Ground, Look, Role, Theme, words};
use crate::runtime::{ThemeFolder, colours};
use crate::terminal::{ColourDepth, styled};

use super::appearance::Appearance;
use super::judging::RulesetArguments;

/// The folder of a person's own themes in the config folder.
const FOLDER: &str = "themes";

/// Show the themes and how they look
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Name every theme, with what it is meant for and where it is
    List,
    /// Write every role of a theme in its looks on this terminal
    Preview {
        /// The theme [default: the one that the explorer would use]
        name: Option<String>,

        #[command(flatten)]
        appearance: Appearance,

        #[command(flatten)]
        config: RulesetArguments,
    },
}

/// The folder of this user's own themes.
#[must_use]
pub fn own_themes() -> ThemeFolder {
    ThemeFolder::at(folder_of_user().map(|folder| folder.join(FOLDER)))
}

/// Does what the arguments ask and writes the answer to `out`.
///
/// # Errors
/// When there is no such theme, its file or a setting is wrong, or `out` refuses.
pub fn run(args: &Args, out: &mut impl Write) -> anyhow::Result<()> {
    let themes = own_themes();
    match &args.command {
        Command::List => list(&themes, out),
        Command::Preview {
            name,
            appearance,
            config,
        } => {
            let settings = appearance.settings(&config.config()?)?;
            let mut capability = settings.capability();
            // What reads a pipe shows no colours, and no bold text either.
            let plain = !settings.has_colour() && !io::stdout().is_terminal();
            if plain {
                capability.colours = ColourDepth::None;
            }
            let name = name
                .as_deref()
                .unwrap_or_else(|| settings.theme_name(&capability));
            let theme = themes.load(name)?;
            let look = Look::new(&theme, colours(capability.colours), capability.unicode);
            preview(name, &theme, &look, plain, out)
        }
    }
}

fn list(themes: &ThemeFolder, out: &mut impl Write) -> anyhow::Result<()> {
    let names = themes.names();
    let width = names.iter().map(String::len).max().unwrap_or(0);
    for name in &names {
        let about = match themes.load(name) {
            Ok(theme) => {
                let description = neutral(theme.description()).into_owned();
                match themes.file(name) {
                    Some(file) => format!("{description} ({})", file.display()),
                    None => description,
                }
            }
            Err(error) => format!("wrong: {}", neutral_lines(&error.to_string())),
        };
        writeln!(out, "{name:<width$}  {about}")?;
    }
    match themes.path() {
        Some(folder) => writeln!(out, "\nthemes of your own: {}", folder.display())?,
        None => writeln!(
            out,
            "\nno place for themes of your own: the environment names no home"
        )?,
    }
    Ok(())
}

fn preview(
    name: &str,
    theme: &Theme,
    look: &Look,
    plain: bool,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let ground = match theme.ground() {
        Some(Ground::Dark) => "for a dark background",
        Some(Ground::Light) => "for a light background",
        None => "for any background",
    };
    let colours = match look.colours() {
        Colours::None => "no colours",
        Colours::Sixteen => "16 colours",
        Colours::TwoFiftySix => "256 colours",
        Colours::TrueColour => "24 bits of colour",
    };
    let description = neutral(theme.description());
    writeln!(out, "{name}: {description}; {ground}; {colours} here\n")?;
    let width = Role::ALL.iter().map(|role| role.name().len()).max();
    let width = width.unwrap_or(0);
    for role in Role::ALL {
        let style = look.style(*role);
        let sample = "mysql-prod-0421 9/10 8.0.37";
        let sample = if plain {
            sample.to_owned()
        } else {
            styled(sample, style)
        };
        let line = format!("{:<width$}  {sample}  {}", role.name(), words(style));
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}
