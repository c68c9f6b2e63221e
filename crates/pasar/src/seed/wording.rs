//! How different people write: careful, hurried, or all in lower case.

use super::random::Random;
use super::template::{Slots, alternatives};

/// One buyer's way of writing.
#[derive(Debug, Clone)]
pub(super) struct Voice {
    manner: Manner,
    /// How the buyer addresses shops: `gan`, `kak`, `min`.
    pub(super) address: String,
    /// How many in a hundred reviews are a few words only.
    pub(super) terse: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Manner {
    Careful,
    /// Shortens words.
    Casual,
    /// Shortens words, no capitals, no full stop at the end.
    Careless,
}

impl Voice {
    /// The voice of a buyer.
    pub(super) fn of(seed: u64, buyer: usize) -> Self {
        let mut random = Random::new(seed, "voice", buyer);
        let manner =
            [Manner::Careful, Manner::Casual, Manner::Careless][random.weighted(&[52, 30, 18])];
        let addresses: &[&str] = match manner {
            Manner::Careful => &["kak", "min", "penjual"],
            _ => &["gan", "kak", "min", "sis", "bos", "kak"],
        };
        let address = (*random.pick(addresses)).to_owned();
        let terse = match random.between(0, 9) {
            0 | 1 => 55,
            2..=5 => 22,
            _ => 6,
        };
        Self {
            manner,
            address,
            terse,
        }
    }

    /// The text as this buyer would type it.
    pub(super) fn apply(&self, random: &mut Random, text: &str, casual: &Slots) -> String {
        if self.manner == Manner::Careful {
            return text.to_owned();
        }
        let words: Vec<String> = text
            .split(' ')
            .map(|word| shorten(random, word, casual))
            .collect();
        let text = words.join(" ");
        if self.manner == Manner::Casual {
            return text;
        }
        let text = text.to_lowercase();
        match random.between(0, 3) {
            0 => text.trim_end_matches('.').replace(". ", ", "),
            1 => text.trim_end_matches('.').replace(". ", ".. "),
            _ => text.trim_end_matches('.').to_owned(),
        }
    }
}

/// The usual abbreviation of a word, most of the time.
fn shorten(random: &mut Random, word: &str, casual: &Slots) -> String {
    let bare = word.trim_end_matches(['.', ',', '!', '?']);
    let Some(short) = casual.get(&bare.to_lowercase()) else {
        return word.to_owned();
    };
    if random.percent(25) {
        return word.to_owned();
    }
    let short = *random.pick(&alternatives(short));
    let capital = bare.starts_with(char::is_uppercase);
    let short = if capital {
        super::template::capitalised(short)
    } else {
        short.to_owned()
    };
    word.replacen(bare, &short, 1)
}
