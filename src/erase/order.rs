//! In which order things go, and what stands in the way of one.

use std::collections::{BTreeMap, HashMap};

use crate::erase::plan::{Planned, Thing};

/// What uses something goes before it: services, images, models, assets, computes, experiments; among these by id.
pub fn in_order(things: &[Planned]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..things.len()).collect();
    order.sort_by(|one, other| things[*one].thing.cmp(&things[*other].thing));
    order
}

/// For each thing those of the same plan that are made of it, by their places: it waits for them.
pub fn users_within(things: &[Planned]) -> Vec<Vec<usize>> {
    let places: HashMap<&Thing, usize> =
        things.iter().enumerate().map(|(place, planned)| (&planned.thing, place)).collect();
    let mut users = vec![Vec::new(); things.len()];
    for (place, planned) in things.iter().enumerate() {
        for used in planned.made_of.iter().filter_map(|part| places.get(part)) {
            users[*used].push(place);
        }
    }
    users
}

/// For each thing that something else is made of, what that is.
pub fn users<'a>(all: impl Iterator<Item = &'a Planned>) -> BTreeMap<Thing, Vec<Thing>> {
    let mut users = BTreeMap::<Thing, Vec<Thing>>::new();
    for planned in all {
        for part in &planned.made_of {
            users.entry(part.clone()).or_default().push(planned.thing.clone());
        }
    }
    users
}

/// A thing and all that is made of it, of that in turn, and so on.
pub fn with_users(thing: &Thing, users: &BTreeMap<Thing, Vec<Thing>>) -> Vec<Thing> {
    let mut found = vec![thing.clone()];
    let mut next = 0;
    while let Some(one) = found.get(next).cloned() {
        next += 1;
        for user in users.get(&one).into_iter().flatten() {
            if !found.contains(user) {
                found.push(user.clone());
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::erase::plan::Kind::{Asset, Compute, Experiment, Image, Model, Service};
    use crate::erase::plan::tests::planned;

    #[test]
    fn what_uses_something_goes_before_it() {
        let things = [
            planned(Experiment, "e", &[]),
            planned(Asset, "a", &[]),
            planned(Model, "m:1", &[(Asset, "a")]),
            planned(Compute, "c", &[]),
            planned(Service, "s", &[(Image, "i:1"), (Model, "m:1"), (Compute, "c")]),
            planned(Image, "i:1", &[(Model, "m:1")]),
        ];
        let order: Vec<&str> =
            in_order(&things).into_iter().map(|place| things[place].name.as_str()).collect();
        assert_eq!(order, ["s", "i:1", "m:1", "a", "c", "e"]);
        let position = |name: &str| order.iter().position(|found| *found == name).unwrap();
        for (place, waits_for) in users_within(&things).iter().enumerate() {
            for user in waits_for {
                assert!(position(&things[*user].name) < position(&things[place].name));
            }
        }
        assert_eq!(users_within(&things)[2], [4, 5]);
    }

    #[test]
    fn users_are_found_through_users() {
        let all = [
            planned(Service, "s", &[(Image, "i:1")]),
            planned(Image, "i:1", &[(Model, "m:1")]),
            planned(Model, "m:1", &[]),
            planned(Model, "m:2", &[]),
        ];
        let users = users(all.iter());
        let found = with_users(&all[2].thing, &users);
        assert_eq!(found, [&all[2], &all[1], &all[0]].map(|planned| planned.thing.clone()));
        assert_eq!(with_users(&all[3].thing, &users), [all[3].thing.clone()]);
    }
}
