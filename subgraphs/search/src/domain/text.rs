//! The words of a query, ready for an engine: cut, cleaned and with their synonyms.

/// How many words of a query count; the others are ignored.
pub const MAX_WORDS: usize = 12;
/// How many letters of a word count.
pub const MAX_WORD_LETTERS: usize = 40;

/// Words that say nothing about a product, in both languages. They are left out unless nothing else is there.
const STOP_WORDS: [&str; 26] = [
    "a", "an", "and", "atau", "buat", "bagi", "dan", "dari", "dengan", "di", "for", "from", "in",
    "ini", "itu", "ke", "of", "on", "or", "pada", "the", "to", "untuk", "utk", "with", "yang",
];

/// What a document must say: every word, each in one of its forms.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TextQuery {
    /// All of them must be met. Never empty in a request: no text at all is `None` there.
    pub words: Vec<Word>,
}

/// One word of a query with what may stand for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// As the caller wrote it, in lower case. It counts like its synonyms, a little more for the ranking.
    pub text: String,
    /// Synonyms, which meet the word as well as itself. Mostly empty.
    pub synonyms: Vec<Phrase>,
}

/// One or more words that stand for something together: `telepon genggam`. All must be met. In lower case.
pub type Phrase = String;

impl TextQuery {
    /// Cuts a text into words without synonyms; `None` when it has no word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let words = words(text);
        (!words.is_empty()).then(|| Self {
            words: words.into_iter().map(Word::plain).collect(),
        })
    }

    /// The words without their synonyms, in order: what the query log keeps and what callers are shown.
    #[must_use]
    pub fn text(&self) -> String {
        let words: Vec<&str> = self.words.iter().map(|word| word.text.as_str()).collect();
        words.join(" ")
    }
}

impl Word {
    /// A word without synonyms.
    #[must_use]
    pub const fn plain(text: String) -> Self {
        Self {
            text,
            synonyms: Vec::new(),
        }
    }
}

/// The words of a text: letters and digits in lower case, at most [`MAX_WORDS`], without stop words.
#[must_use]
pub fn words(text: &str) -> Vec<String> {
    let all = text
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(|word| {
            let letters = word.chars().take(MAX_WORD_LETTERS);
            letters.flat_map(char::to_lowercase).collect::<String>()
        });
    let all: Vec<String> = all.take(4 * MAX_WORDS).collect();
    let telling = all
        .iter()
        .filter(|word| !STOP_WORDS.contains(&word.as_str()));
    let telling: Vec<String> = telling.take(MAX_WORDS).cloned().collect();
    if telling.is_empty() {
        return all.into_iter().take(MAX_WORDS).collect();
    }
    telling
}
