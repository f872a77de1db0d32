//! How often each word occurs.

use std::collections::HashMap;

/// Words, in lower case, and how often each was seen.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    times: HashMap<String, u64>,
    total: u64,
    /// Where a word with capitals is written in lower case, to be looked up.
    lower: String,
}

impl Counts {
    /// Counts the words of `text`: runs of letters and digits, with apostrophes inside.
    pub(crate) fn add_text(&mut self, text: &str) {
        let runs = text.split(|letter: char| !letter.is_alphanumeric() && !is_apostrophe(letter));
        for word in runs.map(|run| run.trim_matches(is_apostrophe)) {
            if !word.is_empty() {
                self.add_word(word);
            }
        }
    }

    fn add_word(&mut self, word: &str) {
        let plain = word
            .bytes()
            .all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase());
        if !plain {
            self.lower.clear();
            self.lower.extend(word.chars().flat_map(char::to_lowercase));
        }
        let word = if plain { word } else { self.lower.as_str() };
        self.total += 1;
        if let Some(times) = self.times.get_mut(word) {
            *times += 1;
        } else {
            self.times.insert(word.to_owned(), 1);
        }
    }

    /// Adds what `other` has counted. What `other` holds afterwards means nothing, and is left
    /// to the caller: to be freed after a lock has been released, for one.
    pub(crate) fn absorb(&mut self, other: &mut Self) {
        self.total += other.total;
        if self.times.len() < other.times.len() {
            core::mem::swap(&mut self.times, &mut other.times);
        }
        for (word, more) in &other.times {
            if let Some(times) = self.times.get_mut(word) {
                *times += more;
            } else {
                self.times.insert(word.clone(), *more);
            }
        }
    }

    /// Forgets everything.
    pub(crate) fn clear(&mut self) {
        self.times.clear();
        self.total = 0;
    }

    /// All words, repetitions included.
    pub(crate) fn total(&self) -> u64 {
        self.total
    }

    /// Different words.
    pub(crate) fn distinct(&self) -> usize {
        self.times.len()
    }

    /// The `n` commonest words, the commonest first, equals in alphabetical order.
    pub(crate) fn commonest(&self, n: usize) -> Vec<(&str, u64)> {
        let mut all: Vec<_> = self
            .times
            .iter()
            .map(|(word, times)| (word.as_str(), *times))
            .collect();
        all.sort_unstable_by(|(word, times), (other, less)| less.cmp(times).then(word.cmp(other)));
        all.truncate(n);
        all
    }
}

fn is_apostrophe(letter: char) -> bool {
    matches!(letter, '\'' | '\u{2019}')
}
