//! Starting new files in the shape that `tidy` expects.

use std::fs;
use std::path::Path;

use crate::shell::{Outcome, root};
use crate::time;

/// The subgraph that the others are written against.
const REFERENCE: &str = "sellers";

/// Writes an empty migration with the name and first line that every migration has.
pub(crate) fn migration(subgraph: &str, what: &str) -> Outcome {
    let folder = root().join("migrations").join(subgraph);
    if !folder.is_dir() {
        return Err(format!(
            "migrations/{subgraph} does not exist: name a subgraph"
        ));
    }
    if !is_snake_case(what) {
        return Err(format!("{what:?} is no name: use words_like_these"));
    }
    let file = folder.join(format!("{}_{what}.sql", time::stamp()?));
    write(&file, "-- why:\n")?;
    println!("wrote {}: say why in its first line", shown(&file));
    Ok(())
}

/// Copies the reference subgraph's skeleton: every file that each subgraph has, without its rules.
pub(crate) fn subgraph(name: &str) -> Outcome {
    if !is_snake_case(name) {
        return Err(format!("{name:?} is no name: use words_like_these"));
    }
    let (from, to) = (
        root().join("subgraphs").join(REFERENCE),
        root().join("subgraphs").join(name),
    );
    if to.exists() {
        return Err(format!("subgraphs/{name} exists already"));
    }
    copy(&from, &to, name)?;
    let folder = root().join("migrations").join(name);
    fs::create_dir_all(&folder).map_err(|error| explain(&folder, &error))?;
    // For its own tables; the shared ones it has already.
    migration(name, name)?;
    println!(
        "wrote subgraphs/{name} as a copy of {REFERENCE}.\n\
         Now follow \"A subgraph\" in docs/adding.md: replace the copied rules, then add the crate to\n\
         the workspace's Cargo.toml, to the list of subgraphs in crates/pasar and to supergraph.yaml."
    );
    Ok(())
}

fn copy(from: &Path, to: &Path, name: &str) -> Outcome {
    for entry in fs::read_dir(from).map_err(|error| explain(from, &error))? {
        let path = entry.map_err(|error| explain(from, &error))?.path();
        let target = to.join(rename(&file_name(&path), name));
        if path.is_dir() {
            copy(&path, &target, name)?;
        } else {
            write(&target, &rename(&read(&path)?, name))?;
        }
    }
    Ok(())
}

/// Puts the new name wherever the reference's name stands, in all its spellings.
fn rename(text: &str, name: &str) -> String {
    let singular = name.strip_suffix('s').unwrap_or(name);
    let old = REFERENCE.strip_suffix('s').unwrap_or(REFERENCE);
    text.replace(REFERENCE, name)
        .replace(&capitalised(REFERENCE), &capitalised(name))
        .replace(old, singular)
        .replace(&capitalised(old), &capitalised(singular))
}

fn capitalised(word: &str) -> String {
    word.split('_')
        .map(|part| {
            let mut letters = part.chars();
            let first = letters.next().map(|letter| letter.to_ascii_uppercase());
            first.into_iter().chain(letters).collect::<String>()
        })
        .collect()
}

fn is_snake_case(word: &str) -> bool {
    let fits =
        |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_';
    word.starts_with(|first: char| first.is_ascii_lowercase()) && word.chars().all(fits)
}

fn file_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| explain(path, &error))
}

fn write(path: &Path, text: &str) -> Outcome {
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(path, text))
        .map_err(|error| explain(path, &error))
}

fn explain(path: &Path, error: &std::io::Error) -> String {
    format!("{}: {error}", shown(path))
}

fn shown(path: &Path) -> String {
    let root = root();
    path.strip_prefix(&root)
        .unwrap_or(path)
        .display()
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_the_reference_is_renamed() {
        let text = "mod sellers; struct Seller; seller_id SellersQuery";
        assert_eq!(
            rename(text, "gift_cards"),
            "mod gift_cards; struct GiftCard; gift_card_id GiftCardsQuery"
        );
    }

    #[test]
    fn names_are_lower_case_words() {
        assert!(is_snake_case("price_book2"));
        for bad in ["", "Prices", "2nd", "a-b", "../a"] {
            assert!(!is_snake_case(bad), "{bad}");
        }
    }
}
