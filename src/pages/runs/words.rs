//! Lists as one value of the address: `a,b`, where what is in them may hold commas too.

/// One text of several.
pub fn join<'a>(items: impl IntoIterator<Item = &'a String>) -> String {
    items.into_iter().map(|item| escape(item)).collect::<Vec<_>>().join(",")
}

/// The texts of one.
pub fn split(text: &str) -> Vec<String> {
    text.split(',').filter(|item| !item.is_empty()).map(unescape).collect()
}

/// Without what separates.
pub fn escape(text: &str) -> String {
    text.replace('~', "~0").replace(',', "~1").replace(':', "~2")
}

/// As it was before [`escape`].
pub fn unescape(text: &str) -> String {
    text.replace("~2", ":").replace("~1", ",").replace("~0", "~")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_joined_comes_apart_again() {
        let items = ["a,b", "~1", "c:d~", "plain"].map(str::to_owned);
        assert_eq!(split(&join(&items)), items);
        assert_eq!(split(""), Vec::<String>::new());
    }
}
