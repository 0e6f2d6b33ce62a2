//! The clouds: where Azure Resource Manager answers, whom its tokens are for, and who issues them.
//!
//! The endpoints are those that the Azure CLI (azure-cli-core 2.91.0, `cloud.py`) knows.

use std::fmt;
use std::str::FromStr;

use super::origin::{Origin, OriginError};

/// The clouds by name, as `--cloud` takes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CloudName {
    /// The public cloud.
    Public,
    /// Azure for the government of the United States.
    UsGovernment,
    /// Azure in China, run by 21Vianet.
    China,
    /// An endpoint of one's own: another sovereign cloud, Azure Stack, or the simulator.
    Custom,
}

impl CloudName {
    /// The words for the clouds.
    pub const WORDS: [&str; 4] = ["public", "usgov", "china", "custom"];

    /// The word for this cloud.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::UsGovernment => "usgov",
            Self::China => "china",
            Self::Custom => "custom",
        }
    }
}

/// The portal of a cloud by the word for it, when it has a known one.
#[must_use]
pub fn portal_of(word: &str) -> Option<&'static str> {
    match word.parse() {
        Ok(CloudName::Public) => Cloud::Public.portal(),
        Ok(CloudName::UsGovernment) => Cloud::UsGovernment.portal(),
        Ok(CloudName::China) => Cloud::China.portal(),
        Ok(CloudName::Custom) | Err(_) => None,
    }
}

impl FromStr for CloudName {
    type Err = CloudError;

    fn from_str(word: &str) -> Result<Self, CloudError> {
        [Self::Public, Self::UsGovernment, Self::China, Self::Custom]
            .into_iter()
            .find(|name| name.word().eq_ignore_ascii_case(word))
            .ok_or_else(|| CloudError::UnknownName(word.chars().take(40).collect()))
    }
}

/// A cloud: the one place that a token is asked for and sent to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cloud {
    /// The public cloud.
    Public,
    /// Azure for the government of the United States.
    UsGovernment,
    /// Azure in China.
    China,
    /// An endpoint of one's own.
    Custom {
        /// Where Azure Resource Manager answers.
        endpoint: Origin,
        /// Who issues tokens. Only a client secret and a workload identity need to know.
        authority: Option<Origin>,
        /// Whom the tokens are for: the audience without `/.default`.
        audience: String,
    },
}

/// Why the choice of a cloud makes no sense.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CloudError {
    /// No such cloud.
    #[error("{0:?} is not a cloud: choose public, usgov, china or custom")]
    UnknownName(String),
    /// A custom cloud without its endpoint.
    #[error("a custom cloud needs its endpoint: add --arm-endpoint URL")]
    NoEndpoint,
    /// Endpoint, authority or audience given for a cloud that has its own.
    #[error(
        "the {cloud} cloud has its own endpoints: leave out {option}, or choose --cloud custom"
    )]
    NotCustom {
        /// The cloud that was chosen.
        cloud: &'static str,
        /// The option that does not belong to it.
        option: &'static str,
    },
    /// A URL that is not acceptable.
    #[error("{option}: {source}")]
    Origin {
        /// The option that holds it.
        option: &'static str,
        /// What is wrong with it.
        source: OriginError,
    },
    /// An audience with characters that no audience has.
    #[error("--audience: {0:?} is not an audience: write it like https://management.azure.com")]
    Audience(String),
}

impl Cloud {
    /// Makes a cloud of what was chosen. An endpoint without a name is a custom cloud; neither is the public cloud. The
    /// audience of a custom cloud is its endpoint unless another is given.
    ///
    /// # Errors
    /// When the parts do not fit each other, or an origin is not acceptable.
    pub fn choose(
        name: Option<CloudName>,
        endpoint: Option<&str>,
        authority: Option<&str>,
        audience: Option<&str>,
    ) -> Result<Self, CloudError> {
        let name = name.unwrap_or(if endpoint.is_some() {
            CloudName::Custom
        } else {
            CloudName::Public
        });
        let own = match name {
            CloudName::Public => Self::Public,
            CloudName::UsGovernment => Self::UsGovernment,
            CloudName::China => Self::China,
            CloudName::Custom => {
                let parse = |option, text: &str| {
                    Origin::parse(text).map_err(|source| CloudError::Origin { option, source })
                };
                let endpoint = parse("--arm-endpoint", endpoint.ok_or(CloudError::NoEndpoint)?)?;
                let authority = match authority {
                    None => None,
                    Some(text) => {
                        let origin = parse("--authority", text)?;
                        if !origin.is_encrypted() {
                            return Err(CloudError::Origin {
                                option: "--authority",
                                source: OriginError::Insecure(origin.to_string()),
                            });
                        }
                        Some(origin)
                    }
                };
                let audience = match audience {
                    None => endpoint.to_string(),
                    Some(text) => check_audience(text)?,
                };
                return Ok(Self::Custom {
                    endpoint,
                    authority,
                    audience,
                });
            }
        };
        for (option, given) in [
            ("--arm-endpoint", endpoint),
            ("--authority", authority),
            ("--audience", audience),
        ] {
            if given.is_some() {
                return Err(CloudError::NotCustom {
                    cloud: name.word(),
                    option,
                });
            }
        }
        Ok(own)
    }

    /// The name of the cloud.
    #[must_use]
    pub const fn name(&self) -> CloudName {
        match self {
            Self::Public => CloudName::Public,
            Self::UsGovernment => CloudName::UsGovernment,
            Self::China => CloudName::China,
            Self::Custom { .. } => CloudName::Custom,
        }
    }

    /// Where Azure Resource Manager answers.
    #[must_use]
    pub fn endpoint(&self) -> Origin {
        match self {
            Self::Public => constant("https://management.azure.com"),
            Self::UsGovernment => constant("https://management.usgovcloudapi.net"),
            Self::China => constant("https://management.chinacloudapi.cn"),
            Self::Custom { endpoint, .. } => endpoint.clone(),
        }
    }

    /// Who issues tokens; `None` for a custom cloud that does not say.
    #[must_use]
    pub fn authority(&self) -> Option<Origin> {
        match self {
            Self::Public => Some(constant("https://login.microsoftonline.com")),
            Self::UsGovernment => Some(constant("https://login.microsoftonline.us")),
            Self::China => Some(constant("https://login.chinacloudapi.cn")),
            Self::Custom { authority, .. } => authority.clone(),
        }
    }

    /// The scope that a token is asked for.
    #[must_use]
    pub fn scope(&self) -> String {
        let audience = match self {
            Self::Custom { audience, .. } => audience.clone(),
            own => own.endpoint().to_string(),
        };
        format!("{}/.default", audience.trim_end_matches('/'))
    }

    /// The portal, when the cloud has a known one.
    #[must_use]
    pub const fn portal(&self) -> Option<&'static str> {
        match self {
            Self::Public => Some("https://portal.azure.com"),
            Self::UsGovernment => Some("https://portal.azure.us"),
            Self::China => Some("https://portal.azure.cn"),
            Self::Custom { .. } => None,
        }
    }

    /// The name under which the Azure CLI knows the cloud.
    #[must_use]
    pub const fn cli_name(&self) -> Option<&'static str> {
        match self {
            Self::Public => Some("AzureCloud"),
            Self::UsGovernment => Some("AzureUSGovernment"),
            Self::China => Some("AzureChinaCloud"),
            Self::Custom { .. } => None,
        }
    }
}

impl fmt::Display for Cloud {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name().word())
    }
}

fn constant(origin: &'static str) -> Origin {
    Origin::parse(origin).expect("the origins of the known clouds are well formed")
}

fn check_audience(text: &str) -> Result<String, CloudError> {
    let trimmed = text
        .trim()
        .trim_end_matches("/.default")
        .trim_end_matches('/');
    let well_formed = !trimmed.is_empty()
        && trimmed
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '/'));
    if well_formed {
        Ok(trimmed.to_owned())
    } else {
        Err(CloudError::Audience(text.chars().take(200).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_named_clouds_have_their_endpoints() {
        for (word, arm, authority, portal) in [
            (
                "public",
                "https://management.azure.com",
                "https://login.microsoftonline.com",
                "https://portal.azure.com",
            ),
            (
                "usgov",
                "https://management.usgovcloudapi.net",
                "https://login.microsoftonline.us",
                "https://portal.azure.us",
            ),
            (
                "china",
                "https://management.chinacloudapi.cn",
                "https://login.chinacloudapi.cn",
                "https://portal.azure.cn",
            ),
        ] {
            let cloud = Cloud::choose(Some(word.parse().unwrap()), None, None, None).unwrap();
            assert_eq!(cloud.endpoint().to_string(), arm);
            assert_eq!(cloud.authority().unwrap().to_string(), authority);
            assert_eq!(cloud.scope(), format!("{arm}/.default"));
            assert_eq!(cloud.portal(), Some(portal));
        }
        assert!("moon".parse::<CloudName>().is_err());
    }

    #[test]
    fn an_endpoint_alone_is_a_custom_cloud_whose_audience_is_itself() {
        let cloud = Cloud::choose(None, Some("https://arm.example/"), None, None).unwrap();
        assert_eq!(cloud.name(), CloudName::Custom);
        assert_eq!(cloud.scope(), "https://arm.example/.default");
        assert_eq!(cloud.authority(), None);
        let cloud = Cloud::choose(
            Some(CloudName::Custom),
            Some("https://arm.example"),
            Some("https://login.example"),
            Some("https://audience.example/"),
        )
        .unwrap();
        assert_eq!(cloud.scope(), "https://audience.example/.default");
        assert_eq!(
            cloud.authority().unwrap().to_string(),
            "https://login.example"
        );
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let custom = Some(CloudName::Custom);
        assert_eq!(
            Cloud::choose(custom, None, None, None),
            Err(CloudError::NoEndpoint)
        );
        assert!(matches!(
            Cloud::choose(
                Some(CloudName::China),
                Some("https://a.example"),
                None,
                None
            ),
            Err(CloudError::NotCustom {
                cloud: "china",
                option: "--arm-endpoint"
            })
        ));
        assert!(matches!(
            Cloud::choose(None, None, None, Some("https://a.example")),
            Err(CloudError::NotCustom {
                option: "--audience",
                ..
            })
        ));
        // Credentials go to the authority: plain http is refused even on this machine.
        assert!(matches!(
            Cloud::choose(
                custom,
                Some("https://a.example"),
                Some("http://localhost:1"),
                None
            ),
            Err(CloudError::Origin {
                option: "--authority",
                ..
            })
        ));
        assert!(matches!(
            Cloud::choose(custom, Some("https://a.example"), None, Some("a; touch b")),
            Err(CloudError::Audience(_))
        ));
    }
}
