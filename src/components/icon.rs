//! The icons: one path each on a grid of 16, drawn with the colour of the text around them.

use leptos::prelude::*;

/// Which icon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IconName {
    Azimuth,
    ArrowDown,
    Auto,
    Bell,
    Box,
    Branch,
    Check,
    Chevron,
    ChevronDown,
    Circle,
    Clock,
    Copy,
    Cross,
    Database,
    Dot,
    Download,
    External,
    File,
    Flask,
    Gear,
    Globe,
    Home,
    Info,
    Layers,
    List,
    Menu,
    Moon,
    Pause,
    Play,
    Plus,
    Problem,
    Refresh,
    Search,
    Server,
    SignOut,
    Square,
    Stop,
    Sun,
    Trash,
    Upload,
    Warning,
}

/// An icon beside words that say the same: it is hidden from assistive technology.
#[component]
pub fn Icon(#[prop(into)] name: Signal<IconName>) -> impl IntoView {
    move || icon(name.get())
}

/// One that stays the same.
pub fn icon(name: IconName) -> impl IntoView {
    view! {
        <svg
            class=if name.is_filled() { "icon filled" } else { "icon" }
            viewBox="0 0 16 16"
            aria-hidden="true"
            focusable="false"
        >
            <path d=name.path()></path>
        </svg>
    }
}

impl IconName {
    fn is_filled(self) -> bool {
        matches!(self, Self::Azimuth | Self::Dot | Self::Play | Self::Stop)
    }

    fn path(self) -> &'static str {
        match self {
            Self::Azimuth => "M8 1.5l5 12.5-5-3.3-5 3.3z",
            Self::ArrowDown => "M8 3v10M4 9l4 4 4-4",
            Self::Auto => "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM8 2v12M10 3v10M12 5v6",
            Self::Bell => "M8 2a4 4 0 0 0-4 4c0 4-1.5 5-1.5 5h11S12 10 12 6a4 4 0 0 0-4-4zM6.8 13.5h2.4",
            Self::Box => "M8 1.8l5.5 3v6.4l-5.5 3-5.5-3V4.8zM2.5 4.8l5.5 3 5.5-3M8 7.8v6.4",
            Self::Branch => "M2.5 2.5h4v4h-4zM9.5 9.5h4v4h-4zM4.5 6.5v5h5",
            Self::Check => "M3 8.5L6.5 12 13 4.5",
            Self::Chevron => "M6 3.5l4.5 4.5L6 12.5",
            Self::ChevronDown => "M3.5 6l4.5 4.5L12.5 6",
            Self::Circle => "M8 3a5 5 0 1 0 0 10A5 5 0 0 0 8 3z",
            Self::Clock => "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM8 5v3l2 1.5",
            Self::Copy => "M5.5 5.5h8v8h-8zM3.5 10.5h-1v-8h8v1",
            Self::Cross => "M4 4l8 8M12 4l-8 8",
            Self::Database => {
                "M3 4c0-2.7 10-2.7 10 0S3 6.7 3 4zM3 4v8c0 2.7 10 2.7 10 0V4M3 8c0 2.7 10 2.7 10 0"
            }
            Self::Dot => "M8 4a4 4 0 1 0 0 8A4 4 0 0 0 8 4z",
            Self::Download => "M8 2.5v8M4.5 7L8 10.5 11.5 7M2.5 10.5v3h11v-3",
            Self::External => "M9.5 2.5h4v4M13.5 2.5L7.5 8.5M11.5 9.5v4h-9v-9h4",
            Self::File => "M3.5 1.5H9L12.5 5v9.5h-9zM9 1.5V5h3.5",
            Self::Flask => "M6 2v4.5L2.8 12.5a1 1 0 0 0 .9 1.5h8.6a1 1 0 0 0 .9-1.5L10 6.5V2M5 2h6M4.5 10h7",
            Self::Gear => {
                "M2 4.5h5.5M11.5 4.5H14M9.5 2.5a2 2 0 1 0 0 4a2 2 0 0 0 0-4z\
                 M2 11.5h2.5M8.5 11.5H14M6.5 9.5a2 2 0 1 0 0 4a2 2 0 0 0 0-4z"
            }
            Self::Globe => {
                "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM2 8h12M8 2c2.5 3 2.5 9 0 12M8 2c-2.5 3-2.5 9 0 12"
            }
            Self::Home => "M2.5 7.5L8 2.5l5.5 5v6h-4v-4h-3v4h-4z",
            Self::Info => "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM8 7.5v3.3M8 5v.1",
            Self::Layers => "M8 2l6 3-6 3-6-3zM2 8l6 3 6-3M2 11l6 3 6-3",
            Self::List => "M5.5 4h8M5.5 8h8M5.5 12h8M2.5 4v.01M2.5 8v.01M2.5 12v.01",
            Self::Menu => "M2.5 4h11M2.5 8h11M2.5 12h11",
            Self::Moon => "M13.5 9.5a6 6 0 1 1-7-7a4.8 4.8 0 0 0 7 7z",
            Self::Pause => "M5.5 3.5v9M10.5 3.5v9",
            Self::Play => "M5 3.5v9l7-4.5z",
            Self::Plus => "M8 3v10M3 8h10",
            Self::Problem => "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM8 5v3.5M8 11v.1",
            Self::Refresh => "M13 8a5 5 0 1 1-1.5-3.6L13 5.8M13 2.5v3.3H9.7",
            Self::Search => "M7 2.5a4.5 4.5 0 1 0 0 9a4.5 4.5 0 0 0 0-9zM10.5 10.5l3 3",
            Self::Server => "M2.5 2.5h11v4.5h-11zM2.5 9h11v4.5h-11zM5 4.7v.1M5 11.2v.1",
            Self::SignOut => "M6 2.5H2.5v11H6M6.5 8h7M10.5 5l3 3-3 3",
            Self::Square => "M4 4h8v8H4z",
            Self::Stop => "M4.5 4.5h7v7h-7z",
            Self::Sun => {
                "M8 5.2a2.8 2.8 0 1 0 0 5.6a2.8 2.8 0 0 0 0-5.6zM8 1.2v1M8 13.8v1M1.2 8h1M13.8 8h1\
                 M3.2 3.2l.7.7M12.1 12.1l.7.7M3.2 12.8l.7-.7M12.1 3.9l.7-.7"
            }
            Self::Trash => "M2.5 4h11M6 4V2.5h4V4M4 4l.7 9.5h6.6L12 4",
            Self::Upload => "M8 10.5v-8M4.5 6L8 2.5 11.5 6M2.5 10.5v3h11v-3",
            Self::Warning => "M8 2L1.5 13.5h13zM8 6.5v3M8 11.5v.1",
        }
    }
}
