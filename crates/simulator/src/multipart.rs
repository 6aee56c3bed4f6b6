//! `multipart/form-data`: the parts of a form, as browsers, curl and the published client write them.

/// One part.
#[derive(Debug, PartialEq, Eq)]
pub struct Part<'a> {
    pub name: String,
    pub content: &'a [u8],
}

/// What is wrong with a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadForm {
    NotMultipart,
    NoBoundary,
    NoParts,
    BadPart,
}

impl BadForm {
    /// Guess: the wordings.
    pub fn message(self) -> &'static str {
        match self {
            BadForm::NotMultipart => "The request's content type is not multipart/form-data.",
            BadForm::NoBoundary => "Missing content-type boundary.",
            BadForm::NoParts => "The body does not hold the boundary that the content type names.",
            BadForm::BadPart => "A part of the form ends unexpectedly or has no name.",
        }
    }
}

/// Reads a form, given the `Content-Type` header.
pub fn parts<'a>(content_type: &str, body: &'a [u8]) -> Result<Vec<Part<'a>>, BadForm> {
    let kind = content_type.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("multipart/form-data") {
        return Err(BadForm::NotMultipart);
    }
    let boundary = parameter(content_type, "boundary").filter(|boundary| !boundary.is_empty());
    let boundary = format!("--{}", boundary.ok_or(BadForm::NoBoundary)?).into_bytes();
    let mut rest = match find(body, &boundary) {
        Some(start) if start == 0 || body[..start].ends_with(b"\n") => &body[start + boundary.len()..],
        _ => return Err(BadForm::NoParts),
    };
    let delimiter = [b"\r\n", boundary.as_slice()].concat();
    let mut parts = Vec::new();
    while !rest.starts_with(b"--") {
        let part = rest.strip_prefix(b"\r\n").ok_or(BadForm::BadPart)?;
        let headers_end = find(part, b"\r\n\r\n").ok_or(BadForm::BadPart)?;
        let headers = std::str::from_utf8(&part[..headers_end]).map_err(|_| BadForm::BadPart)?;
        let after = &part[headers_end + 4..];
        let end = find(after, &delimiter).ok_or(BadForm::BadPart)?;
        parts.push(Part { name: part_name(headers).ok_or(BadForm::BadPart)?, content: &after[..end] });
        rest = &after[end + delimiter.len()..];
    }
    Ok(parts)
}

fn part_name(headers: &str) -> Option<String> {
    let disposition = headers.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.trim().eq_ignore_ascii_case("content-disposition").then_some(value)
    })?;
    parameter(disposition, "name")
}

/// A parameter of a header's value, with or without quotes.
fn parameter(value: &str, name: &str) -> Option<String> {
    value.split(';').skip(1).find_map(|parameter| {
        let (key, value) = parameter.split_once('=')?;
        key.trim().eq_ignore_ascii_case(name).then(|| value.trim().trim_matches('"').to_owned())
    })
}

/// Where a pattern begins. Looking for its first byte first keeps large archives quick to search.
fn find(text: &[u8], pattern: &[u8]) -> Option<usize> {
    let first = *pattern.first()?;
    let mut start = 0;
    while let Some(offset) = text[start..].iter().position(|byte| *byte == first) {
        start += offset;
        if text[start..].starts_with(pattern) {
            return Some(start);
        }
        start += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &[u8] = b"--line\r\nContent-Disposition: form-data; name=\"one\"; filename=\"a.json\"\r\n\
        Content-Type: application/octet-stream\r\n\r\n{}\r\n--line\r\ncontent-disposition: form-data; name=two\r\n\r\n\
        a\r\n--lin\0e\r\n\r\n--line--\r\n";

    #[test]
    fn parts_keep_their_bytes() {
        let expected = [
            Part { name: "one".to_owned(), content: b"{}" },
            Part { name: "two".to_owned(), content: b"a\r\n--lin\0e\r\n" },
        ];
        assert_eq!(parts("multipart/form-data; boundary=line", BODY).as_deref(), Ok(expected.as_slice()));
        assert_eq!(
            parts("Multipart/Form-Data; charset=x; boundary=\"line\"", BODY).as_deref(),
            Ok(expected.as_slice())
        );
    }

    #[test]
    fn bad_forms_are_told_apart() {
        let check = |content_type, body, expected| {
            assert_eq!(parts(content_type, body), Err(expected), "{content_type}");
        };
        check("application/json", BODY, BadForm::NotMultipart);
        check("multipart/form-data", BODY, BadForm::NoBoundary);
        check("multipart/form-data; boundary=other", BODY, BadForm::NoParts);
        check("multipart/form-data; boundary=line", &BODY[..BODY.len() - 14], BadForm::BadPart);
        check("multipart/form-data; boundary=line", b"--line\r\nX: y\r\n\r\nz\r\n--line--", BadForm::BadPart);
    }
}
