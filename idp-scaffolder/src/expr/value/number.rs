//! Numbers, written and read as JavaScript does.

/// The text of a number.
pub(crate) fn number_text(value: f64) -> String {
    ryu_js::Buffer::new().format(value).to_owned()
}

/// What counts as white space when a number is read.
pub(crate) fn trim(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}')
}

/// `Number(text)`: all of it or NaN.
pub(crate) fn whole_number(text: &str) -> f64 {
    let text = trim(text);
    if text.is_empty() {
        return 0.0;
    }
    for (prefix, radix) in [("0x", 16), ("0X", 16), ("0o", 8), ("0O", 8), ("0b", 2), ("0B", 2)] {
        if let Some(digits) = text.strip_prefix(prefix) {
            let valid = !digits.is_empty() && digits.chars().all(|c| c.is_digit(radix));
            return if valid { digits_value(digits, radix) } else { f64::NAN };
        }
    }
    let length = float_prefix(text);
    if length == text.len() { parse_float(text) } else { f64::NAN }
}

/// `parseFloat(text)`: the longest number it starts with.
pub(crate) fn parse_float(text: &str) -> f64 {
    let text = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    let prefix = &text[..float_prefix(text)];
    let unsigned = prefix.trim_start_matches(['+', '-']);
    match unsigned {
        "Infinity" if prefix.starts_with('-') => f64::NEG_INFINITY,
        "Infinity" => f64::INFINITY,
        _ => prefix.parse().unwrap_or(f64::NAN),
    }
}

/// The length of the decimal number that a text starts with.
fn float_prefix(text: &str) -> usize {
    let bytes = text.as_bytes();
    let digits = |from: usize| bytes[from..].iter().take_while(|b| b.is_ascii_digit()).count();
    let sign = usize::from(matches!(bytes.first(), Some(b'+' | b'-')));
    if text[sign..].starts_with("Infinity") {
        return sign + "Infinity".len();
    }
    let whole = digits(sign);
    let mut end = sign + whole;
    let mut fraction = 0;
    if bytes.get(end) == Some(&b'.') {
        fraction = digits(end + 1);
        if whole + fraction > 0 {
            end += 1 + fraction;
        }
    }
    if whole + fraction == 0 {
        return 0;
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let signed = end + 1 + usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        if bytes.len() > signed && digits(signed) > 0 {
            end = signed + digits(signed);
        }
    }
    end
}

/// `parseInt(text, radix)`.
pub(crate) fn parse_int(text: &str, radix: u32) -> f64 {
    let text = trim(text);
    let (negative, mut digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if radix == 16 {
        digits = digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")).unwrap_or(digits);
    }
    let end = digits.find(|c: char| !c.is_digit(radix)).unwrap_or(digits.len());
    if end == 0 {
        return f64::NAN;
    }
    let value = digits_value(&digits[..end], radix);
    if negative { -value } else { value }
}

fn digits_value(digits: &str, radix: u32) -> f64 {
    if radix == 10 {
        return digits.parse().unwrap_or(f64::NAN);
    }
    digits.chars().filter_map(|c| c.to_digit(radix)).fold(0.0, |sum, d| sum * f64::from(radix) + f64::from(d))
}

/// Where a relative index (negative: from the end) points, kept within `0..=length`. NaN is 0.
pub(crate) fn to_index(value: f64, length: usize) -> usize {
    let value = if value.is_nan() { 0.0 } else { value.trunc() };
    let from_start = if value < 0.0 { value + length as f64 } else { value };
    from_start.clamp(0.0, length as f64) as usize
}
