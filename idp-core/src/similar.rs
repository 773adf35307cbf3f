//! What a misspelt word was meant to be.

/// The candidate that a person may have meant by `word`: the same but for case, or one or two letters away.
///
/// ```
/// assert_eq!(idp_core::similar("componnet", ["api", "component"]), Some("component"));
/// ```
pub fn similar<'a, T: AsRef<str> + ?Sized + 'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a T>,
) -> Option<&'a str> {
    let word = word.to_lowercase();
    let allowed = if word.len() > 4 { 2 } else { 1 };
    candidates
        .into_iter()
        .map(|candidate| (distance(&word, &candidate.as_ref().to_lowercase()), candidate.as_ref()))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// How many letters are missing, too many, wrong, or swapped with their neighbour, for words of a sane length.
fn distance(a: &str, b: &str) -> usize {
    if a.len().abs_diff(b.len()) > 2 || a.len() > 64 {
        return usize::MAX;
    }
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut before = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 0..a.len() {
        let mut row = vec![i + 1];
        for j in 0..b.len() {
            let mut least = (last[j] + usize::from(a[i] != b[j])).min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && a[i] == b[j - 1] && a[i - 1] == b[j] {
                least = least.min(before[j - 1] + 1);
            }
            row.push(least);
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_missing_wrong_or_swapped_are_forgiven() {
        for (word, meant) in [
            ("nmae", Some("name")),
            ("Name", Some("name")),
            ("nam", Some("name")),
            ("nabe", Some("name")),
            ("repourls", Some("repoUrl")),
            ("reopUlr", Some("repoUrl")),
            ("game of", None),
            ("", None),
        ] {
            assert_eq!(similar(word, ["name", "repoUrl"]), meant, "{word}");
        }
    }
}
