//! Hostile versions of good texts, from a seed: the same seed makes the same bytes.
#![allow(dead_code, unreachable_pub, reason = "every test uses a part of it")]

/// Xorshift: good enough to break things with.
#[derive(Debug)]
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// A number below a bound, which is not zero.
    pub fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound.max(1) as u64).unwrap_or_default()
    }

    pub fn one<'t, T>(&mut self, of: &'t [T]) -> &'t T {
        &of[self.below(of.len())]
    }
}

/// What has broken parsers before.
const TOKENS: &[&[u8]] = &[
    b"---\n",
    b"...\n",
    b"- ",
    b"? ",
    b": ",
    b"&a ",
    b"*a",
    b"<<: *a\n",
    b"!!binary ",
    b"!x ",
    b"|+2\n",
    b">-\n",
    b"\"",
    b"'",
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b"#",
    b"%YAML 1.1\n",
    b"\t",
    b"\r\n",
    b"\0",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"\xc3",
    b"\xe2\x80\xa8",
    b"${{ ",
    b" }}",
    b"{% for x in values.tags %}",
    b"{% endfor %}",
    b" | ",
    b"(",
    b")",
    b" and ",
    b" or not ",
    b" in (a, b)",
    b" matches /",
    b"/",
    b"$in",
    b"null",
    b"~",
    b".nan",
    b"0x7fffffffffffffffffff",
    b"1e999",
    b"-0",
    b"yes",
    b"__proto__: 1\n",
    b"kind: Component\n",
    b"apiVersion: backstage.io/v1alpha1\n",
    b"{$text: ./x}",
    b"\xf0\x9f\x98\x80",
];

/// A hostile version of one of the seeds.
pub fn mutate(seeds: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    let mut bytes = random.one(seeds).clone();
    for _ in 0..=random.below(6) {
        step(&mut bytes, seeds, random);
    }
    bytes.truncate(1 << 20);
    bytes
}

fn step(bytes: &mut Vec<u8>, seeds: &[Vec<u8>], random: &mut Random) {
    let (start, end) = range(bytes.len(), random);
    match random.below(13) {
        0 => drop(bytes.drain(start..end)),
        1 => insert(bytes, start, token(random)),
        2 => {
            let again = bytes[start..end].repeat(1 + random.below(4));
            insert(bytes, start, &again);
        }
        3 if start < bytes.len() => bytes[start] = u8::try_from(random.below(256)).unwrap_or_default(),
        4 => double_a_line(bytes, random),
        5 => insert(
            bytes,
            start,
            &random.one(&[&b"["[..], b"{a: ", b"- ", b"(", b"not "]).repeat(1 + random.below(3000)),
        ),
        6 => insert(bytes, start, &alias_bomb(2 + random.below(12))),
        7 => insert(
            bytes,
            start,
            &random.one(&[&b"x"[..], b"a: ", b"\xc3\xa4", b"0"]).repeat(1 + random.below(200_000)),
        ),
        8 => {
            let other = random.one(seeds).clone();
            splice(bytes, start, &other, random);
        }
        9 => bytes.truncate(start),
        10 => indent(bytes, random),
        _ => insert(bytes, start, token(random)),
    }
}

fn token(random: &mut Random) -> &'static [u8] {
    random.one::<&[u8]>(TOKENS)
}

fn range(length: usize, random: &mut Random) -> (usize, usize) {
    let start = random.below(length + 1);
    (start, (start + random.below(64)).min(length))
}

fn insert(bytes: &mut Vec<u8>, at: usize, what: &[u8]) {
    let what = what.to_vec();
    bytes.splice(at..at, what);
}

fn splice(bytes: &mut Vec<u8>, at: usize, other: &[u8], random: &mut Random) {
    let from = random.below(other.len() + 1);
    bytes.truncate(at);
    bytes.extend_from_slice(&other[from..]);
}

/// A line twice: a key that occurs twice.
fn double_a_line(bytes: &mut Vec<u8>, random: &mut Random) {
    let lines: Vec<&[u8]> = bytes.split_inclusive(|it| *it == b'\n').collect();
    if lines.is_empty() {
        return;
    }
    let index = random.below(lines.len());
    let doubled =
        lines.iter().enumerate().flat_map(|(at, line)| vec![*line; if at == index { 2 } else { 1 }]);
    *bytes = doubled.flatten().copied().collect();
}

/// One more or one less space before a line.
fn indent(bytes: &mut Vec<u8>, random: &mut Random) {
    let starts: Vec<usize> = (0..bytes.len()).filter(|at| *at == 0 || bytes[at - 1] == b'\n').collect();
    if starts.is_empty() {
        return;
    }
    let at = *random.one(&starts);
    match bytes.get(at) {
        Some(b' ') if random.below(2) == 0 => drop(bytes.remove(at)),
        _ => bytes.insert(at, b' '),
    }
}

/// Each level names the one before ten times.
fn alias_bomb(levels: usize) -> Vec<u8> {
    let mut bomb = b"\na0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_vec();
    for level in 1..levels {
        let alias = format!("*a{}, ", level - 1).repeat(10);
        bomb.extend_from_slice(
            format!("a{level}: &a{level} [{}]\n", alias.trim_end_matches(", ")).as_bytes(),
        );
    }
    bomb
}
