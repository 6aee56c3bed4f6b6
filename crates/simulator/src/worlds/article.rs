//! What the articles show, literally.

use crate::state::State;

pub fn build() -> State {
    crate::worlds::bakery::build(time::OffsetDateTime::UNIX_EPOCH)
}
