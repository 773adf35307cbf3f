//! What the texts of a page have in common.

/// What a head costs besides its letters, in bytes.
const COST: usize = 8;
/// The part of all bytes that heads have to save, for texts that are whole are read faster.
const WORTH: usize = 4;

/// The beginnings that several texts share, so that noting each of them once saves the most; none if that is not much.
pub(super) fn heads(mut texts: Vec<&str>) -> Vec<&str> {
    texts.sort_unstable();
    let shared: Vec<usize> = texts.windows(2).map(|pair| common(pair[0], pair[1])).collect();
    let mut heads = Vec::new();
    let bytes: usize = texts.iter().map(|text| text.len()).sum();
    let is_worth_it = |saved: usize| saved * WORTH >= bytes;
    // Nothing saves more than what neighbours have in common: look before trying.
    if is_worth_it(shared.iter().sum()) && !is_worth_it(share(&texts, &shared, &mut heads)) {
        heads.clear();
    }
    heads
}

/// Finds the heads of texts in order, of which neighbours share so many bytes; how many bytes these save.
///
/// One head for all, or those of two parts that have least in common: whatever saves more.
fn share<'t>(texts: &[&'t str], shared: &[usize], heads: &mut Vec<&'t str>) -> usize {
    let least = shared.iter().zip(0..).min();
    let Some((length, at)) = least.map(|(length, at): (&usize, usize)| (*length, at)) else { return 0 };
    let together = (length * shared.len()).saturating_sub(COST);
    let before = heads.len();
    let (left, right) = texts.split_at(at + 1);
    let apart = share(left, &shared[..at], heads) + share(right, &shared[at + 1..], heads);
    if together < apart || together == 0 {
        return apart;
    }
    heads.truncate(before);
    heads.push(&texts[0][..length]);
    together
}

/// How many bytes two texts have in common at their beginning, in whole letters.
fn common(a: &str, b: &str) -> usize {
    let ((words, _), (others, _)) = (a.as_bytes().as_chunks::<8>(), b.as_bytes().as_chunks::<8>());
    let whole = 8 * words.iter().zip(others).take_while(|(a, b)| a == b).count();
    let rest = a.bytes().skip(whole).zip(b.bytes().skip(whole));
    a.floor_char_boundary(whole + rest.take_while(|(a, b)| a == b).count())
}

#[cfg(test)]
mod tests {
    use super::{common, heads};

    #[test]
    fn heads_that_save_the_most() {
        let urls = [
            "https://a.example/d/x",
            "https://wiki.example/y",
            "https://a.example/d/y",
            "https://wiki.example/z",
        ];
        assert_eq!(heads(urls.to_vec()), ["https://a.example/d/", "https://wiki.example/"]);
        let slugs = ["org/pay-1", "org/pay-2", "org/cart-1", "org/cart-2", "org/x", "org/y", "org/z"];
        assert_eq!(heads(slugs.to_vec()), ["org/"]);
        assert_eq!(heads(vec!["the same text"; 4]), ["the same text"]);
        let none: [&str; 0] = [];
        assert_eq!(heads(vec!["ab", "ac", "x"]), none);
        assert_eq!(heads(vec!["begins alike: but goes on for long", "begins alike: and differs then"]), none);
        assert_eq!(heads(vec!["ä-------------1", "ö-------------1"]), none);
        assert_eq!(heads(Vec::new()), none);
    }

    #[test]
    fn what_texts_have_in_common_ends_between_letters() {
        let text = "0123456789abcdefÄ0123456";
        for (other, want) in
            [(text, 25), ("0123456789abcdefÖ", 16), ("01234567", 8), ("0123456x", 7), ("", 0)]
        {
            assert_eq!(common(text, other), want, "{other}");
            assert_eq!(common(other, text), want, "{other}");
        }
    }
}
