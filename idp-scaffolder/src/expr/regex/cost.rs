//! How long a match can take.
//!
//! ECMAScript patterns need a matcher that backtracks, and it cannot be interrupted. So the worst case is estimated
//! from the pattern before it runs, and refused where it would take longer than about a second. Ordinary patterns on
//! ordinary texts (names, paths, file contents) are far below the bound.

/// 2 to this many steps is what a match may take at worst.
const BUDGET: f64 = 28.0;

/// How the worst case grows with the length of the text.
#[derive(Debug, PartialEq)]
pub(super) struct Cost {
    /// Repetitions that follow one another: each adds a power of the length.
    repetitions: usize,
    /// Optional parts: each doubles it.
    options: usize,
    /// Repetitions and alternatives inside repetitions: the base of an exponential.
    base: f64,
}

/// A group that is open while the pattern is read.
struct Group {
    repeats: bool,
    alternatives: usize,
}

impl Cost {
    /// Reads a pattern.
    pub(super) fn of(source: &str) -> Self {
        let text: Vec<char> = source.chars().collect();
        let mut cost = Self { repetitions: 0, options: 0, base: 1.0 };
        let mut groups = vec![Group { repeats: false, alternatives: 1 }];
        let (mut in_class, mut at) = (false, 0);
        while at < text.len() {
            match text[at] {
                '\\' => at += 1,
                '[' => in_class = true,
                ']' => in_class = false,
                _ if in_class => (),
                '(' => {
                    groups.push(Group { repeats: false, alternatives: 1 });
                    // `(?` is no repetition.
                    at += usize::from(text.get(at + 1) == Some(&'?'));
                }
                '|' => groups.last_mut().into_iter().for_each(|group| group.alternatives += 1),
                ')' => cost.close(&mut groups, repetition(&text, at + 1)),
                '?' => cost.options += 1,
                _ if repetition(&text, at) => {
                    cost.repetitions += 1;
                    groups.last_mut().into_iter().for_each(|group| group.repeats = true);
                }
                _ => (),
            }
            at += 1;
        }
        cost
    }

    fn close(&mut self, groups: &mut Vec<Group>, repeated: bool) {
        let Some(group) = groups.pop() else { return };
        if repeated {
            self.base *= if group.repeats { 2.0 } else { 1.0 };
            self.base *= group.alternatives as f64;
        }
        if let Some(outer) = groups.last_mut() {
            outer.repeats |= group.repeats || repeated;
        }
    }

    /// Whether a text of this length may be matched.
    pub(super) fn allows(&self, length: usize) -> bool {
        let length = length.max(1) as f64;
        let powers: f64 = (1..=self.repetitions.min(64) + 1).map(|n| (length / n as f64).max(1.0).log2()).sum();
        // Scanning for a pattern without repetitions is linear.
        let powers = if self.repetitions == 0 { length.log2() } else { powers };
        powers + length * self.base.log2() + (self.options as f64).min(length) <= BUDGET
    }
}

/// Whether a quantifier that can take several counts stands here (`*`, `+`, `{1,}`, `{1,9}`).
fn repetition(text: &[char], at: usize) -> bool {
    match text.get(at) {
        Some('*' | '+') => true,
        Some('{') => {
            text[at..].iter().position(|c| *c == '}').is_some_and(|end| text[at..at + end].contains(&','))
        }
        _ => false,
    }
}
