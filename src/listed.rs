//! What tells the items of each list apart, and what a filter looks at.

use azimuth_api::{Compute, Experiment, Model, ResourceGroup, Run, Subscription, Workspace};

use crate::query::Listed;

impl Listed for Subscription {
    fn id(&self) -> String {
        self.subscription_id.to_string()
    }
}

impl Listed for ResourceGroup {
    fn id(&self) -> String {
        self.name.to_string()
    }
}

impl Listed for Workspace {
    fn id(&self) -> String {
        self.id.clone()
    }
}

impl Listed for Experiment {
    fn id(&self) -> String {
        self.name.to_string()
    }
}

impl Listed for Run {
    fn id(&self) -> String {
        self.run_id.to_string()
    }
}

impl Listed for Model {
    fn id(&self) -> String {
        self.id.to_string()
    }
}

impl Listed for Compute {
    fn id(&self) -> String {
        self.name.to_string()
    }
}

/// Whether every word of a filter is in one of the texts, whatever the case.
pub fn matches<'a>(filter: &str, texts: impl IntoIterator<Item = &'a str>) -> bool {
    let texts: Vec<String> = texts.into_iter().map(str::to_lowercase).collect();
    filter.to_lowercase().split_whitespace().all(|word| texts.iter().any(|text| text.contains(word)))
}

/// "12 of 340", or nothing where nothing is filtered out.
pub fn filter_count(shown: usize, all: usize) -> String {
    if shown == all { String::new() } else { format!("{shown} of {all}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_of_a_filter_counts_in_any_order() {
        let texts = ["Harbour Bakery", "westeurope"];
        assert!(matches("", texts));
        assert!(matches("bakery EUROPE", texts));
        assert!(!matches("bakery asia", texts));
    }
}
