//! What is to be found of who may sign in, and of who at Microsoft may look.

use super::planted::{Became, DENIED, MANUAL, MET, OUT_OF_PLAY, Planted, UNMET, holds, refusal};

/// Logins that everybody who guesses tries first.
const COMMON_LOGINS: [&str; 10] = [
    "azureuser",
    "mysqladmin",
    "mysqluser",
    "myadmin",
    "mydemouser",
    "dbadmin",
    "sqladmin",
    "adminuser",
    "superadmin",
    "cloudsa",
];

impl Planted<'_> {
    pub fn entra_admin(&self) -> Became {
        if self.denied("administrators") {
            DENIED
        } else {
            holds(self.server["entraAdministrator"].is_string())
        }
    }

    pub fn conditional_access(&self) -> Became {
        match self.entra_admin() {
            MET => MANUAL,
            UNMET => OUT_OF_PLAY,
            unread => unread,
        }
    }

    pub fn entra_only(&self) -> Became {
        self.is_on("aad_auth_only")
    }

    pub fn admin_name(&self) -> Became {
        match self.entra_only() {
            MET => OUT_OF_PLAY,
            UNMET => {
                let login = self.server["administratorLogin"].as_str().expect("a login");
                holds(!COMMON_LOGINS.contains(&login.to_lowercase().as_str()))
            }
            unread => unread,
        }
    }

    pub fn lockbox(&self) -> Became {
        let lockbox = &self.tenant()["lockbox"];
        refusal(&lockbox["read"]).unwrap_or_else(|| holds(lockbox["isOptedIn"] == true))
    }
}
