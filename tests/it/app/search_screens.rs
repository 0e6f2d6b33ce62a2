//! Pictures of searching: the prompt with what may follow and what is wrong, finding anything, hits in a page, saved
//! searches.

use flexposture::app::Message;

use super::fixture::{opened, press, send};
use super::screens::pictures;

#[test]
fn prompt_with_values() {
    let mut state = opened(120, 40);
    press(&mut state, "/sev:high,<Tab>");
    pictures("prompt-values", &mut state);
}

#[test]
fn prompt_with_fields() {
    let mut state = opened(120, 40);
    press(&mut state, "/prod <Tab>");
    pictures("prompt-fields", &mut state);
}

#[test]
fn prompt_with_a_mistake() {
    let mut state = opened(120, 40);
    press(&mut state, "/prod sev:purple weu");
    pictures("prompt-mistake", &mut state);
}

#[test]
fn find_anything() {
    let mut state = opened(120, 40);
    press(&mut state, "gftls");
    pictures("find", &mut state);
}

#[test]
fn find_nothing() {
    let mut state = opened(120, 40);
    press(&mut state, "gfzzz");
    pictures("find-nothing", &mut state);
}

#[test]
fn hits_in_a_page() {
    let mut state = opened(120, 40);
    press(&mut state, "l<Alt-6>/enabled<Enter>n");
    pictures("page-hits", &mut state);
}

#[test]
fn saved_searches() {
    let mut state = opened(120, 40);
    press(&mut state, "g/");
    let text = "[[search]]\nname = \"critical in production\"\nquery = \"sev:critical tag:env=prod\"\n\
                [[search]]\nname = \"unread\"\nquery = \"cause:denied\"\n";
    send(&mut state, Message::SearchesRead(text.to_owned()));
    press(&mut state, "j");
    pictures("saved", &mut state);
}
