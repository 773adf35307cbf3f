//! Telling binary files from text, by the rules of the library that Backstage uses.

/// How much of a file is looked at.
const HEAD: usize = 512;

/// Byte order marks that make a file text whatever follows: UTF-8, UTF-32 both ways, GB 18030, UTF-16 both ways.
const TEXT_MARKS: [&[u8]; 6] = [
    &[0xef, 0xbb, 0xbf],
    &[0x00, 0x00, 0xfe, 0xff],
    &[0xff, 0xfe, 0x00, 0x00],
    &[0x84, 0x31, 0x95, 0x33],
    &[0xfe, 0xff],
    &[0xff, 0xfe],
];

/// Whether a file is binary: a NUL, or more than a tenth of bytes that text does not have, near its beginning.
pub(super) fn is_binary(content: &[u8]) -> bool {
    let head = &content[..content.len().min(HEAD)];
    if head.is_empty() || TEXT_MARKS.iter().any(|mark| head.starts_with(mark)) {
        return false;
    }
    if head.starts_with(b"%PDF-") || head.contains(&0) {
        return true;
    }
    let (mut at, mut suspicious) = (0, 0);
    while at < head.len() {
        match sequence(&head[at..]) {
            Some(length) => at += length,
            None => {
                suspicious += 1;
                at += 1;
            }
        }
    }
    suspicious * 100 / head.len() > 10
}

/// The length of a character that text may have, or None.
fn sequence(bytes: &[u8]) -> Option<usize> {
    let first = *bytes.first()?;
    let length = match first {
        7..=14 | 32..=127 => return Some(1),
        0xc0..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf7 => 4,
        _ => return None,
    };
    let rest = bytes.get(1..length)?;
    rest.iter().all(|byte| (0x80..=0xbf).contains(byte)).then_some(length)
}
