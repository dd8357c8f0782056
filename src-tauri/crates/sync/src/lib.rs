//! copy a portal, and bring the copy up to date.
