//! Synonyms: other words that mean the same, unless the context says otherwise.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Rejection, TextQuery, text::words};

/// How many alternatives a term may have, and how many words may switch it off.
pub const MAX_ALTERNATIVES: usize = 20;

/// What else a word may mean.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SynonymSet {
    /// One word in lower case.
    pub term: String,
    /// Words and phrases in lower case that meet it as well.
    pub alternatives: Vec<String>,
    /// With one of these words beside it, or in the names of the chosen category, the term means only
    /// itself: `hp` is a telephone, beside `laptop` it is a brand.
    pub unless: Vec<String>,
    /// Grows by one with every change.
    pub version: i32,
    /// When it was changed last.
    pub updated_at: DateTime<Utc>,
}

impl SynonymSet {
    /// A set as somebody wants it.
    ///
    /// # Errors
    /// [`Rejection::Invalid`] when the term is not one word, or there are none or too many alternatives.
    pub fn new(
        term: &str,
        alternatives: &[String],
        unless: &[String],
        version: i32,
        now: DateTime<Utc>,
    ) -> Result<Self, Rejection> {
        let term = words(term);
        let [term] = &term[..] else {
            return Err(Rejection::invalid("term", "must be one word"));
        };
        let alternatives = phrases("alternatives", alternatives)?;
        if alternatives.is_empty() {
            return Err(Rejection::invalid("alternatives", "must not be empty"));
        }
        if alternatives.contains(term) {
            let rule = "must not hold the term itself";
            return Err(Rejection::invalid("alternatives", rule));
        }
        Ok(Self {
            term: term.clone(),
            alternatives,
            unless: phrases("unless", unless)?,
            version,
            updated_at: now,
        })
    }

    /// Whether the term means only itself in this context.
    fn is_off(&self, context: &[String]) -> bool {
        self.unless.iter().any(|word| context.contains(word))
    }
}

/// Lower-case phrases, each of at least one word, in order and without repetitions.
fn phrases(field: &'static str, texts: &[String]) -> Result<Vec<String>, Rejection> {
    if texts.len() > MAX_ALTERNATIVES {
        return Err(Rejection::invalid(field, "must be at most 20"));
    }
    let mut phrases: Vec<String> = Vec::new();
    for text in texts {
        let phrase = words(text).join(" ");
        if phrase.is_empty() {
            return Err(Rejection::invalid(field, "must be words"));
        }
        if !phrases.contains(&phrase) {
            phrases.push(phrase);
        }
    }
    Ok(phrases)
}

/// Puts synonyms into a query. `sets` are those of its words; `beside` are words of the context besides
/// those of the query itself, such as the names of the chosen category.
pub fn expand(query: &mut TextQuery, sets: &[SynonymSet], beside: &[String]) {
    let all: Vec<String> = query.words.iter().map(|word| word.text.clone()).collect();
    for word in &mut query.words {
        let others = all.iter().filter(|other| **other != word.text);
        let context: Vec<String> = others.chain(beside).cloned().collect();
        for set in sets {
            if set.term == word.text && !set.is_off(&context) {
                word.synonyms.extend(set.alternatives.iter().cloned());
            }
        }
    }
}

/// Puts in what the words stand for elsewhere: the terms of which they are alternatives, and the other
/// alternatives of these. Gives whether there was anything.
pub fn expand_backwards(query: &mut TextQuery, sets: &[SynonymSet]) -> bool {
    let mut is_wider = false;
    for word in &mut query.words {
        for set in sets {
            if !set.alternatives.contains(&word.text) {
                continue;
            }
            let siblings = std::iter::once(&set.term).chain(&set.alternatives);
            for sibling in siblings {
                if *sibling != word.text && !word.synonyms.contains(sibling) {
                    word.synonyms.push(sibling.clone());
                    is_wider = true;
                }
            }
        }
    }
    is_wider
}
