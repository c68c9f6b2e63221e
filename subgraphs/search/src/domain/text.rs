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

/// How many strokes of a word may be wrong: two in six letters or more, one in three to five, none in less
/// or where digits are, which mostly mean what they say.
#[must_use]
pub fn tolerance(word: &str) -> usize {
    if word.chars().any(char::is_numeric) {
        return 0;
    }
    match word.chars().count() {
        0..3 => 0,
        3..6 => 1,
        _ => 2,
    }
}

/// How many strokes make `one` of `other`: a letter too many, missing or wrong, or two neighbours swapped.
#[must_use]
pub fn strokes(one: &str, other: &str) -> usize {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    // Rows of the table of distances between beginnings: the one before the last, the last, this.
    let mut before = vec![0; other.len() + 1];
    let mut last: Vec<usize> = (0..=other.len()).collect();
    for (i, letter) in one.iter().enumerate() {
        let mut this = vec![i + 1];
        for (j, wanted) in other.iter().enumerate() {
            let replaced = last[j] + usize::from(letter != wanted);
            let mut best = replaced.min(last[j + 1] + 1).min(this[j] + 1);
            if i > 0 && j > 0 && *letter == other[j - 1] && one[i - 1] == *wanted {
                best = best.min(before[j - 1] + 1);
            }
            this.push(best);
        }
        before = std::mem::replace(&mut last, this);
    }
    last[other.len()]
}

/// A text as the query log keeps it: in lower case, without what may be an address or a number of a person.
#[must_use]
pub fn without_persons(text: &str) -> String {
    let harmless = text.split_whitespace().filter(|part| {
        let digits = part.chars().filter(char::is_ascii_digit).count();
        !part.contains('@') && digits < 6
    });
    let harmless: Vec<&str> = harmless.collect();
    let kept: Vec<String> = words(&harmless.join(" "));
    kept.join(" ")
}
