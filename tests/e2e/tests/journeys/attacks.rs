//! The page, attacked: by what got into it, by what the service says, and by where the service sends it. Each attack is
//! tried in the browser, and what it met is looked at.

mod addresses;
mod injected;
mod markup;
mod stranger;
