//! `flexposture themes`: what there is, and how it looks.

use flexposture::look::{Role, Theme};

use crate::home::Home;

#[tokio::test]
async fn every_theme_is_listed_those_of_one_s_own_with_their_files_and_wrong_ones_with_their_lines()
{
    let home = Home::new();
    home.set("themes/night.toml", "description = \"Night shift\"\n");
    home.set("themes/torn.toml", "[roles]\nfial = {}\n");
    let told = home.run(&["themes", "list"]).await.fine();
    for name in Theme::built_in_names() {
        assert!(told.lines().any(|line| line.starts_with(name)), "{told}");
    }
    let night = home.setting("themes/night.toml").display().to_string();
    assert!(told.contains(&format!("Night shift ({night})")), "{told}");
    assert!(
        told.contains("torn.toml:2: unknown role \"fial\"; did you mean \"fail\"?"),
        "{told}"
    );
}

#[tokio::test]
async fn a_preview_names_every_role_and_has_colours_only_where_they_are_asked_for_or_shown() {
    let home = Home::new();
    let piped = home
        .run(&["themes", "preview", "deuteranopia"])
        .await
        .fine();
    assert!(!piped.contains('\u{1b}'), "{piped}");
    for role in Role::ALL {
        let named = |line: &str| line.split_whitespace().next() == Some(role.name());
        assert!(piped.lines().any(named), "{} in {piped}", role.name());
    }
    let asked = ["themes", "preview", "deuteranopia", "--color", "256"];
    let coloured = home.run(&asked).await.fine();
    assert!(coloured.contains("\u{1b}[38;5;75m"), "{coloured}");
    let told = home.run(&["themes", "preview", "drak"]).await;
    told.refused(&["there is no theme \"drak\"; did you mean \"dark\"?"]);
}

#[tokio::test]
async fn settings_of_the_looks_come_from_file_environment_and_options() {
    let home = Home::new();
    home.set(
        "config.toml",
        "theme = \"light\"\ncalm = true\nlinks = false\n",
    );
    let show = ["config", "show", "--json", "--theme", "mono"];
    let variables = [("FLEXPOSTURE_CALM", "false")];
    let shown = home.run_with(&show, &variables).await.json();
    let of = |key: &str| {
        let settings = shown["settings"].as_array().expect("a list");
        let found = settings
            .iter()
            .find(|it| it["key"] == key)
            .expect("the key");
        let from = &found["origin"]["from"];
        (
            found["value"].to_string(),
            from.as_str().expect("a word").to_owned(),
        )
    };
    let is = |value: &str, from: &str| (value.to_owned(), from.to_owned());
    assert_eq!(of("theme"), is("\"mono\"", "option"));
    assert_eq!(of("calm"), is("false", "environment"));
    assert_eq!(of("links"), is("false", "file"));
    assert_eq!(of("mouse"), is("false", "default"));
    home.set("config.toml", "color = 256\nmouse = \"on\"\n");
    let told = home.run(&["explore"]).await;
    assert_eq!(told.code, 2);
    for words in [
        "config.toml:1",
        "`color` needs auto, never, 16, 256 or truecolor",
        "config.toml:2",
        "`mouse` needs true or false",
    ] {
        assert!(told.err.contains(words), "{}", told.err);
    }
}
