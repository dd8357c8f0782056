//! Well-known troubles by name, for a panel on which a person makes them. Each is what HubSpot does on a bad day, often
//! enough to be seen at once.

use crate::faults::{Effect, Fault, Faults, LimitName, TokenState};

/// Every name that [`Faults::named`] knows.
pub const TROUBLES: [&str; 9] = [
    "key_ended",
    "scope_lost",
    "rate_limited",
    "daily_limit",
    "hubspot_trouble",
    "slow",
    "cut",
    "malformed",
    "account_moving",
];

impl Faults {
    /// These troubles together; none if a name is unknown. Of those that answer a request, the first one named strikes.
    pub fn named<'a>(names: impl IntoIterator<Item = &'a str>) -> Option<Faults> {
        let mut faults = Faults::default();
        for name in names {
            let effect = match name {
                "key_ended" => {
                    faults.token = TokenState::Revoked;
                    continue;
                }
                "scope_lost" => {
                    faults.scopes_lost.push("tickets".to_owned());
                    continue;
                }
                // Longer than anybody waits.
                "rate_limited" => Effect::Limited { limit: LimitName::TenSecondly, retry_after: Some(900) },
                "daily_limit" => Effect::Limited { limit: LimitName::Daily, retry_after: None },
                "hubspot_trouble" => Effect::Down { retry_after: 3_600 },
                "cut" => Effect::Reset,
                "malformed" => Effect::Malformed,
                "account_moving" => Effect::Moving { retry_after: 3_600 },
                "slow" => {
                    // Waiting goes on to the next rule, so it has to be the first.
                    faults.rules.insert(0, Fault::new(Effect::Wait { millis: 1_000 }));
                    continue;
                }
                _ => return None,
            };
            faults.rules.push(Fault::new(effect));
        }
        Some(faults)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_trouble_changes_something_and_an_unknown_one_is_none() {
        for name in TROUBLES {
            assert_ne!(Faults::named([name]), Some(Faults::default()), "{name}");
        }
        assert_eq!(Faults::named([]), Some(Faults::default()));
        assert_eq!(Faults::named(["bad_hair_day"]), None);
        let together = Faults::named(["cut", "slow"]).expect("both are known");
        assert!(matches!(together.rules[0].effect, Effect::Wait { .. }), "waiting does not hide the other");
    }
}
