//! JSON set in lines, with every name and number as it was written and in its order.

/// The text with a line for each value. It has to be JSON.
pub fn indented(text: &str) -> String {
    let mut made = String::with_capacity(text.len() * 2);
    let mut depth = 0;
    let mut rest = text.chars().peekable();
    let line = |made: &mut String, depth: usize| {
        made.push('\n');
        made.extend(std::iter::repeat_n("  ", depth));
    };
    while let Some(character) = rest.next() {
        match character {
            '"' => {
                made.push('"');
                while let Some(inside) = rest.next() {
                    made.push(inside);
                    match inside {
                        '"' => break,
                        '\\' => made.extend(rest.next()),
                        _ => {}
                    }
                }
            }
            '{' | '[' => {
                made.push(character);
                while rest.next_if(char::is_ascii_whitespace).is_some() {}
                match rest.next_if(|next| matches!(next, '}' | ']')) {
                    Some(end) => made.push(end),
                    None => {
                        depth += 1;
                        line(&mut made, depth);
                    }
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                line(&mut made, depth);
                made.push(character);
            }
            ',' => {
                made.push(',');
                line(&mut made, depth);
            }
            ':' => made.push_str(": "),
            blank if blank.is_ascii_whitespace() => {}
            character => made.push(character),
        }
    }
    made
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_numbers_stay_as_they_were() {
        assert_eq!(
            indented(r#"{"z":1.50,"a":[ ],"b": {"x":"{\"y\": [1,2]}"},"c":[12345678901234567890,null]}"#),
            "{\n  \"z\": 1.50,\n  \"a\": [],\n  \"b\": {\n    \"x\": \"{\\\"y\\\": [1,2]}\"\n  },\n  \"c\": [\n    12345678901234567890,\n    null\n  ]\n}"
        );
        assert_eq!(indented(" true "), "true");
    }

    #[test]
    fn what_is_set_already_stays() {
        let once = indented(r#"{"a":[1,{"b":2}]}"#);
        assert_eq!(indented(&once), once);
    }
}
