//! The name of the experiment, while it is typed.

use azimuth_api::{Experiment, ExperimentName};

/// What the workspace knows of a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Known {
    /// It could not be told: the experiments are not all there, or not yet.
    Unasked,
    /// No experiment has it.
    New,
    /// An experiment has it.
    Used,
    /// An archived one has it.
    Archived,
    /// Another differs from it in case alone.
    OtherCase(String),
}

/// Looks a name up. `is_whole` says whether these are all experiments there are.
pub fn look_up<'a>(
    name: &ExperimentName,
    experiments: impl Iterator<Item = &'a Experiment>,
    is_whole: bool,
) -> Known {
    let mut known = if is_whole { Known::New } else { Known::Unasked };
    for experiment in experiments {
        if experiment.name == *name {
            return if experiment.archived_time.is_some() { Known::Archived } else { Known::Used };
        }
        if experiment.name.as_str().eq_ignore_ascii_case(name.as_str()) {
            known = Known::OtherCase(experiment.name.to_string());
        }
    }
    known
}

/// The nearest name that the service takes; none where nothing of this one would be left.
pub fn nearest(name: &str) -> Option<String> {
    const LONGEST: usize = 255;
    let mut nearest = String::new();
    for character in name.trim().chars() {
        match character {
            'a'..='z' | 'A'..='Z' | '0'..='9' => nearest.push(character),
            '_' | '-' if nearest.is_empty() => {}
            '_' => nearest.push('_'),
            _ => match spelled_out(character) {
                Some(letters) => nearest.push_str(letters),
                None if nearest.is_empty() || nearest.ends_with('-') => {}
                None => nearest.push('-'),
            },
        }
    }
    nearest.truncate(LONGEST);
    let nearest = nearest.trim_end_matches('-');
    (!nearest.is_empty()).then(|| nearest.to_owned())
}

/// Letters of European languages in those that the service takes.
fn spelled_out(character: char) -> Option<&'static str> {
    const SPELLED: [(&str, &str); 24] = [
        ("ä", "ae"),
        ("ö", "oe"),
        ("ü", "ue"),
        ("ß", "ss"),
        ("Ä", "Ae"),
        ("Ö", "Oe"),
        ("Ü", "Ue"),
        ("æ", "ae"),
        ("œ", "oe"),
        ("àáâãåą", "a"),
        ("ÀÁÂÃÅĄ", "A"),
        ("çćč", "c"),
        ("ÇĆČ", "C"),
        ("èéêëęě", "e"),
        ("ÈÉÊËĘĚ", "E"),
        ("ìíîï", "i"),
        ("ÌÍÎÏ", "I"),
        ("ł", "l"),
        ("ñńň", "n"),
        ("òóôõø", "o"),
        ("ÒÓÔÕØ", "O"),
        ("ùúûů", "u"),
        ("šś", "s"),
        ("žźż", "z"),
    ];
    let found = SPELLED.iter().find(|(letters, _)| letters.contains(character));
    found.map(|(_, spelled)| *spelled)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_one_that_the_service_takes() {
        for (typed, name) in [
            ("my experiment", Some("my-experiment")),
            ("  Größe der Brötchen! ", Some("Groesse-der-Broetchen")),
            ("_hidden", Some("hidden")),
            ("--a  b//c--", Some("a-b-c")),
            ("loaves/day (v2)", Some("loaves-day-v2")),
            ("crème brûlée_2", Some("creme-brulee_2")),
            ("日本", None),
            ("---", None),
            ("", None),
        ] {
            assert_eq!(nearest(typed).as_deref(), name, "{typed}");
            assert!(name.is_none_or(|name| ExperimentName::from(name).fault().is_none()));
        }
        assert_eq!(nearest(&"a ".repeat(300)).unwrap().len(), 255);
        assert_eq!(nearest(&"x".repeat(300)).map(|name| ExperimentName::from(name).fault()), Some(None));
    }

    #[test]
    fn a_name_is_known_new_or_archived() {
        let experiments: Vec<Experiment> = serde_json::from_str(
            r#"[{"name":"loaves-per-day"},{"name":"old","archivedTime":"2020-01-21T21:30:22Z"}]"#,
        )
        .unwrap();
        let look_up = |name: &str, is_whole| look_up(&name.into(), experiments.iter(), is_whole);
        assert_eq!(look_up("loaves-per-day", true), Known::Used);
        assert_eq!(look_up("old", true), Known::Archived);
        assert_eq!(look_up("other", true), Known::New);
        assert_eq!(look_up("other", false), Known::Unasked);
        assert_eq!(look_up("Loaves-Per-Day", false), Known::OtherCase("loaves-per-day".to_owned()));
    }
}
