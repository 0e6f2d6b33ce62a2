//! The arguments that say how the explorer looks and how it behaves on a terminal, and the same settings from the
//! environment and the config file.

use clap::ValueEnum;
use serde_json::{Value as Json, json};

use crate::config::{Config, ConfigError, Names, Origin, Setting};
use crate::look::{Theme, ThemeError};
use crate::runtime::ThemeFolder;
use crate::terminal::{Background, Capability, ColourDepth, Wishes};

const THEME: Names = Names {
    key: "theme",
    variable: "FLEXPOSTURE_THEME",
    option: "--theme",
};
const COLOR: Names = Names {
    key: "color",
    variable: "FLEXPOSTURE_COLOR",
    option: "--color",
};
const ASCII: Names = Names {
    key: "ascii",
    variable: "FLEXPOSTURE_ASCII",
    option: "--ascii",
};
const MOUSE: Names = Names {
    key: "mouse",
    variable: "FLEXPOSTURE_MOUSE",
    option: "--mouse",
};
const CALM: Names = Names {
    key: "calm",
    variable: "FLEXPOSTURE_CALM",
    option: "--calm",
};
const LINKS: Names = Names {
    key: "links",
    variable: "FLEXPOSTURE_LINKS",
    option: "--no-links",
};
const CLIPBOARD: Names = Names {
    key: "clipboard",
    variable: "FLEXPOSTURE_CLIPBOARD",
    option: "--no-clipboard",
};

/// The keys of these settings in the config file.
pub const APPEARANCE_KEYS: [&str; 7] = [
    THEME.key,
    COLOR.key,
    ASCII.key,
    MOUSE.key,
    CALM.key,
    LINKS.key,
    CLIPBOARD.key,
];

/// How the explorer looks.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Appearance")]
pub struct Appearance {
    /// The theme: `flexposture themes list` names them [env: FLEXPOSTURE_THEME] [default: dark or light, as far as the
    /// terminal says what it is]
    #[arg(long, value_name = "THEME")]
    theme: Option<String>,

    /// How many colours to use [env: FLEXPOSTURE_COLOR] [default: auto]
    #[arg(long, value_enum)]
    color: Option<Colour>,

    /// Use no character beyond ASCII [env: FLEXPOSTURE_ASCII]
    #[arg(long, value_name = "true|false", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    ascii: Option<bool>,

    /// Take clicks and the wheel of the mouse; the terminal's own selection of text then needs Shift
    /// [env: FLEXPOSTURE_MOUSE]
    #[arg(long, value_name = "true|false", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    mouse: Option<bool>,

    /// Redraw the progress of a scan only now and then, and keys at once as always [env: FLEXPOSTURE_CALM]
    #[arg(long, value_name = "true|false", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    calm: Option<bool>,

    /// Do not make addresses on the screen links that the terminal opens (OSC 8) [env: FLEXPOSTURE_LINKS=false]
    #[arg(long)]
    no_links: bool,

    /// Send nothing to the terminal's clipboard (OSC 52) [env: FLEXPOSTURE_CLIPBOARD=false]
    #[arg(long)]
    no_clipboard: bool,
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

impl Colour {
    /// The depth that is asked for; `None`: as the terminal is.
    #[must_use]
    pub const fn depth(self) -> Option<ColourDepth> {
        match self {
            Self::Auto => None,
            Self::Never => Some(ColourDepth::None),
            Self::Sixteen => Some(ColourDepth::Sixteen),
            Self::TwoFiftySix => Some(ColourDepth::TwoFiftySix),
            Self::Truecolor => Some(ColourDepth::TrueColour),
        }
    }

    /// The word for it, as the config file and the option take it.
    #[must_use]
    pub fn word(self) -> String {
        self.to_possible_value()
            .map_or_else(String::new, |value| value.get_name().to_owned())
    }
}

/// How the explorer looks and behaves, each setting with its origin.
#[derive(Clone, Debug)]
pub struct AppearanceSettings {
    theme: Setting<Option<String>>,
    color: Setting<Colour>,
    ascii: Setting<bool>,
    /// Whether the mouse is taken.
    pub mouse: Setting<bool>,
    /// Whether progress is redrawn only now and then.
    pub calm: Setting<bool>,
    links: Setting<bool>,
    clipboard: Setting<bool>,
}

/// A setting as it is shown.
#[derive(Clone, Debug)]
pub struct AppearanceRow {
    /// Its key in the config file.
    pub key: &'static str,
    /// Its environment variable.
    pub variable: &'static str,
    /// What it means, in a few words.
    pub meaning: &'static str,
    /// Its value.
    pub value: Json,
    /// What it is when nobody says anything.
    pub default: Json,
    /// Where the value comes from.
    pub origin: Origin,
}

impl Appearance {
    /// The settings out of the options, the environment and the config file.
    ///
    /// # Errors
    /// Everything in the file that is wrong, or a variable that is.
    pub fn settings(&self, config: &Config) -> Result<AppearanceSettings, ConfigError> {
        let mut wrong = Vec::new();
        let off = |off: bool| off.then_some(false);
        let settings = AppearanceSettings {
            theme: or_default(
                config.word(
                    &THEME,
                    self.theme.clone().map(Some),
                    None,
                    "the name of a theme, or auto",
                    |name| Some((name != "auto").then(|| name.to_owned())),
                ),
                None,
                &mut wrong,
            )?,
            color: or_default(
                config.word(
                    &COLOR,
                    self.color,
                    Colour::Auto,
                    "auto, never, 16, 256 or truecolor, in quotes",
                    |word| Colour::from_str(word, true).ok(),
                ),
                Colour::Auto,
                &mut wrong,
            )?,
            ascii: or_default(config.choice(&ASCII, self.ascii, false), false, &mut wrong)?,
            mouse: or_default(config.choice(&MOUSE, self.mouse, false), false, &mut wrong)?,
            calm: or_default(config.choice(&CALM, self.calm, false), false, &mut wrong)?,
            links: or_default(
                config.choice(&LINKS, off(self.no_links), true),
                true,
                &mut wrong,
            )?,
            clipboard: or_default(
                config.choice(&CLIPBOARD, off(self.no_clipboard), true),
                true,
                &mut wrong,
            )?,
        };
        if wrong.is_empty() {
            Ok(settings)
        } else {
            wrong.sort_by_key(|problem: &crate::config::Problem| problem.line);
            Err(ConfigError::Wrong(wrong))
        }
    }
}

/// A setting, or its default while what is wrong is gathered.
fn or_default<T>(
    setting: Result<Setting<T>, ConfigError>,
    default: T,
    wrong: &mut Vec<crate::config::Problem>,
) -> Result<Setting<T>, ConfigError> {
    match setting {
        Err(ConfigError::Wrong(problems)) => {
            wrong.extend(problems);
            Ok(Setting::of(default, Origin::Default))
        }
        other => other,
    }
}

impl AppearanceSettings {
    /// What the terminal can show, by the environment and the settings.
    #[must_use]
    pub fn capability(&self) -> Capability {
        let mut capability = Capability::detect(Wishes {
            colours: self.color.value.depth(),
            unicode: self.ascii.value.then_some(false),
            links: self.links.value,
            clipboard: self.clipboard.value,
        });
        capability.colours = capability.colours.min(self.deepest(&capability));
        capability
    }

    /// The most colours while nobody has chosen a theme. Where the background is not known, and it is not asked for, the
    /// sixteen named colours are the terminal's own and suit it whatever it is; exact ones may not.
    fn deepest(&self, capability: &Capability) -> ColourDepth {
        let auto = self.theme.value.is_none() && self.color.value == Colour::Auto;
        if auto && capability.background.is_none() {
            ColourDepth::Sixteen
        } else {
            ColourDepth::TrueColour
        }
    }

    /// How many colours there are for a theme that somebody chose.
    #[must_use]
    pub fn colours_of_choice(&self) -> ColourDepth {
        let wishes = Wishes {
            colours: self.color.value.depth(),
            ..Wishes::default()
        };
        Capability::detect(wishes).colours
    }

    /// Whether somebody said how many colours to use.
    #[must_use]
    pub const fn has_colour(&self) -> bool {
        self.color.value.depth().is_some()
    }

    /// The name of the theme.
    #[must_use]
    pub fn theme_name(&self, capability: &Capability) -> &str {
        match (&self.theme.value, capability.background) {
            (Some(name), _) => name,
            (None, Some(Background::Light)) => "light",
            (None, _) => "dark",
        }
    }

    /// The theme.
    ///
    /// # Errors
    /// When no theme has the name, or its file is wrong.
    pub fn theme(
        &self,
        capability: &Capability,
        themes: &ThemeFolder,
    ) -> Result<Theme, ThemeError> {
        themes.load(self.theme_name(capability))
    }

    /// Every setting, in the order in which they are shown.
    #[must_use]
    pub fn rows(&self) -> Vec<AppearanceRow> {
        let row =
            |names: &Names, meaning, value: Json, default: Json, origin: &Origin| AppearanceRow {
                key: names.key,
                variable: names.variable,
                meaning,
                value,
                default,
                origin: origin.clone(),
            };
        let choice = |names, meaning, setting: &Setting<bool>, default: bool| {
            let (value, default) = (json!(setting.value), json!(default));
            row(names, meaning, value, default, &setting.origin)
        };
        vec![
            row(
                &THEME,
                "the theme; auto is dark or light, as far as the terminal says what it is",
                json!(self.theme.value.as_deref().unwrap_or("auto")),
                json!("auto"),
                &self.theme.origin,
            ),
            row(
                &COLOR,
                "how many colours to use; NO_COLOR takes them all away from auto",
                json!(self.color.value.word()),
                json!("auto"),
                &self.color.origin,
            ),
            choice(
                &ASCII,
                "whether to use no character beyond ASCII",
                &self.ascii,
                false,
            ),
            choice(
                &MOUSE,
                "whether clicks and the wheel of the mouse are taken",
                &self.mouse,
                false,
            ),
            choice(
                &CALM,
                "whether the progress of a scan is redrawn only now and then",
                &self.calm,
                false,
            ),
            choice(
                &LINKS,
                "whether addresses are links that the terminal opens (OSC 8)",
                &self.links,
                true,
            ),
            choice(
                &CLIPBOARD,
                "whether copies are sent to the terminal's clipboard (OSC 52)",
                &self.clipboard,
                true,
            ),
        ]
    }
}
