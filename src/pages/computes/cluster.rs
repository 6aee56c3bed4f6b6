//! A cluster as somebody wants it: what was typed, read and checked.

use azimuth_api::{Compute, NewCluster, NewScale};

use crate::components::compute_state::{idle_time_in_words, priority_in_words};

/// How many machines, from what was typed.
pub fn count(text: &str) -> Result<u32, String> {
    match text.trim() {
        "" => Err("Give a number.".to_owned()),
        text => text.parse().map_err(|_| "This is a whole number, 0 or more.".to_owned()),
    }
}

/// Minutes as they were typed, as an ISO 8601 duration; none where nothing was.
pub fn idle_time(text: &str) -> Result<Option<String>, String> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    match text.replace(',', ".").parse::<f64>() {
        Ok(minutes) if minutes.is_finite() && (0.0..=100_000.0).contains(&minutes) => {
            Ok(Some(format!("PT{}S", (minutes * 60.0).round())))
        }
        _ => Err("This is a number of minutes, such as 2 or 0.5.".to_owned()),
    }
}

/// The scale, from what was typed: at least, at most, minutes.
pub fn scale(least: &str, most: &str, idle: &str) -> Option<NewScale> {
    let (min_node_count, max_node_count) = (count(least).ok()?, count(most).ok()?);
    (min_node_count <= max_node_count).then_some(())?;
    Some(NewScale { min_node_count, max_node_count, node_idle_time_before_scale_down: idle_time(idle).ok()? })
}

/// What is wrong with "at most".
pub fn most_fault(least: &str, most: &str) -> Option<String> {
    match (count(least), count(most)) {
        (_, Err(fault)) => Some(fault),
        (Ok(least), Ok(most)) if least > most => Some(format!("This is less than {least}.")),
        (_, Ok(0)) => Some("A cluster that may have no machine runs nothing.".to_owned()),
        _ => None,
    }
}

/// What would be different of a compute that is there: what, as it is, as it would be.
pub fn differences(existing: &Compute, wanted: &NewCluster) -> Vec<(&'static str, String, String)> {
    let properties = &existing.properties;
    let cluster = &properties.properties;
    let scale = cluster.scale_settings.clone().unwrap_or_default();
    let idle =
        |duration: Option<&str>| duration.map_or_else(|| "the usual time".to_owned(), idle_time_in_words);
    let priority = if wanted.is_low_priority { "Low priority" } else { "Dedicated" };
    let rows = [
        ("Size", cluster.vm_size.clone().unwrap_or_default(), wanted.vm_size.clone()),
        ("Priority", priority_in_words(cluster), priority.to_owned()),
        ("At least", scale.min_node_count.to_string(), wanted.scale.min_node_count.to_string()),
        ("At most", scale.max_node_count.to_string(), wanted.scale.max_node_count.to_string()),
        (
            "Let go after",
            idle(scale.node_idle_time_before_scale_down.as_deref()),
            idle(wanted.scale.node_idle_time_before_scale_down.as_deref()),
        ),
        ("Description", properties.description.clone().unwrap_or_default(), wanted.description.clone()),
    ];
    rows.into_iter().filter(|(_, was, is)| !was.eq_ignore_ascii_case(is)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minutes_become_a_duration() {
        let read = |text: &str| idle_time(text);
        assert_eq!(read(" 2 "), Ok(Some("PT120S".to_owned())));
        assert_eq!(read("0,5"), Ok(Some("PT30S".to_owned())));
        assert_eq!(read(""), Ok(None));
        for wrong in ["soon", "-1", "NaN", "1e99"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_scale_is_read_only_where_it_makes_sense() {
        let read = |least: &str, most: &str| {
            scale(least, most, "").map(|scale| (scale.min_node_count, scale.max_node_count))
        };
        assert_eq!(read("0", "4"), Some((0, 4)));
        assert_eq!((read("5", "4"), read("", "4"), read("0", "-1")), (None, None, None));
        assert!(most_fault("5", "4").unwrap().contains("less than 5"));
        assert!(most_fault("0", "0").is_some());
        assert_eq!(most_fault("0", "1"), None);
    }

    #[test]
    fn only_what_would_be_different_is_told() {
        let existing: Compute = serde_json::from_str(
            r#"{"name":"c","properties":{"computeType":"AmlCompute","description":"d","properties":{
                "vmSize":"STANDARD_D1","vmPriority":"Dedicated",
                "scaleSettings":{"minNodeCount":0,"maxNodeCount":4,"nodeIdleTimeBeforeScaleDown":"PT2M"}}}}"#,
        )
        .unwrap();
        let same = NewCluster {
            vm_size: "Standard_D1".to_owned(),
            description: "d".to_owned(),
            scale: scale("0", "4", "2").unwrap(),
            ..NewCluster::default()
        };
        assert_eq!(differences(&existing, &same), []);
        let other = NewCluster { is_low_priority: true, description: String::new(), ..same };
        let other = NewCluster { scale: scale("0", "8", "2").unwrap(), ..other };
        let told: Vec<_> = differences(&existing, &other).into_iter().map(|(what, ..)| what).collect();
        assert_eq!(told, ["Priority", "At most", "Description"]);
    }
}
