//! The arguments that say how the explorer looks.

use clap::ValueEnum;

use crate::look::Theme;
use crate::terminal::{Background, Capability, ColourDepth, Wishes};

/// How the explorer looks.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Appearance")]
pub struct Appearance {
    /// The theme [default: dark or light, as far as the terminal says what it is]
    #[arg(long, value_name = "THEME")]
    pub theme: Option<String>,

    /// How many colours to use
    #[arg(long, value_enum, default_value_t = Colour::Auto)]
    pub color: Colour,

    /// Use no character beyond ASCII
    #[arg(long)]
    pub ascii: bool,
}

/// How many colours to use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Colour {
    /// What the environment says the terminal can show; none when NO_COLOR is set
    Auto,
    /// None: bold, underlined and reversed text only
    Never,
    /// The sixteen named ones
    #[value(name = "16")]
    Sixteen,
    /// The palette of 256
    #[value(name = "256")]
    TwoFiftySix,
    /// 24 bits
    Truecolor,
}

impl Appearance {
    /// What the terminal can show, by the environment and the arguments.
    #[must_use]
    pub fn capability(&self) -> Capability {
        let mut capability = Capability::detect(Wishes {
            colours: match self.color {
                Colour::Auto => None,
                Colour::Never => Some(ColourDepth::None),
                Colour::Sixteen => Some(ColourDepth::Sixteen),
                Colour::TwoFiftySix => Some(ColourDepth::TwoFiftySix),
                Colour::Truecolor => Some(ColourDepth::TrueColour),
            },
            unicode: self.ascii.then_some(false),
        });
        if self.theme.is_none() && capability.background.is_none() && self.color == Colour::Auto {
            // The background is not known and is not asked for. The sixteen named colours are the terminal's own and
            // suit it whatever it is; exact ones may not.
            capability.colours = capability.colours.min(ColourDepth::Sixteen);
        }
        capability
    }

    /// The theme.
    ///
    /// # Errors
    /// When no theme has the name.
    pub fn theme(&self, capability: &Capability) -> anyhow::Result<Theme> {
        let name = match (&self.theme, capability.background) {
            (Some(name), _) => name,
            (None, Some(Background::Light)) => "light",
            (None, _) => "dark",
        };
        Ok(Theme::built_in(name)?)
    }
}
