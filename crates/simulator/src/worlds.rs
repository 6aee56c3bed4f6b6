//! The worlds that a simulator can hold.

#[cfg(feature = "full")]
mod article;
mod bakery;
#[cfg(feature = "full")]
mod large;
#[cfg(feature = "full")]
mod stress;

use time::OffsetDateTime;

use crate::state::State;

/// A world, by what is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum World {
    /// A bakery that wants to know how many loaves to bake tomorrow: the demo.
    Bakery,
    /// What the articles on managing with REST and on exporting a workspace's data show, literally.
    #[cfg(feature = "full")]
    Article,
    /// A workspace with 1,000 experiments, 100,000 runs in one of them, and 5,000 models: for speed.
    #[cfg(feature = "full")]
    Large,
    /// The bakery, with long curves and long logs.
    #[cfg(feature = "full")]
    Stress,
    /// A workspace with 10,000 runs that left two gigabytes of files.
    #[cfg(feature = "full")]
    Archive,
}

impl World {
    /// Every world there is.
    pub const ALL: &'static [World] = &[
        World::Bakery,
        #[cfg(feature = "full")]
        World::Article,
        #[cfg(feature = "full")]
        World::Large,
        #[cfg(feature = "full")]
        World::Stress,
        #[cfg(feature = "full")]
        World::Archive,
    ];

    /// The world with a name.
    pub fn named(name: &str) -> Option<World> {
        World::ALL.iter().copied().find(|world| world.name() == name)
    }

    /// What the world is called on a command line.
    pub fn name(self) -> &'static str {
        match self {
            World::Bakery => "bakery",
            #[cfg(feature = "full")]
            World::Article => "article",
            #[cfg(feature = "full")]
            World::Large => "large",
            #[cfg(feature = "full")]
            World::Stress => "stress",
            #[cfg(feature = "full")]
            World::Archive => "archive",
        }
    }
}

/// A world's state at its beginning, with Azure's public host names.
pub fn build(world: World, now: OffsetDateTime) -> State {
    let state = match world {
        World::Bakery => bakery::build(now),
        #[cfg(feature = "full")]
        World::Article => article::build(),
        #[cfg(feature = "full")]
        World::Large => large::build(now),
        #[cfg(feature = "full")]
        World::Stress => stress::build(now),
        #[cfg(feature = "full")]
        World::Archive => large::build_archive(now),
    };
    state.with_what_workspaces_are_made_of()
}
