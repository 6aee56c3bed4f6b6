//! Journeys through the built site.
