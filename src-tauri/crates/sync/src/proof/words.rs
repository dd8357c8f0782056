//! What a finding proves, in words. Pure.

use serde::{Deserialize, Serialize};
use store::{Finding, ProofOutcome, ProofRow};

/// How a finding came about; kept with it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Detail {
    /// Ranges of ids, and of times of last change, whose totals were compared.
    pub id_ranges: u64,
    pub change_ranges: u64,
    /// Search named every record instead of only counting them.
    pub named: bool,
    /// Pages of the list that were held against a search.
    pub pages: u64,
    /// Changed so lately that search may not know it.
    pub young: u64,
    /// What the sample was drawn from.
    pub sample_of: u64,
    /// Records of which only calculated values had moved.
    pub calculated: u64,
    /// Records that search does not find though they are there.
    pub lacking: u64,
    /// `search` or `list`: how every id was read again.
    pub way: String,
    /// Why nothing could be compared, or why something could not be settled.
    pub reason: Option<String>,
}

impl Detail {
    /// As it is kept.
    pub fn json(&self) -> String {
        serde_json::to_string(self).expect("numbers and texts can be written as JSON")
    }
}

/// What a finding proves. `label` is the type's plural.
pub fn in_words(proof: &ProofRow, label: &str) -> String {
    let detail: Detail = serde_json::from_str(&proof.detail).unwrap_or_default();
    let what = label.to_lowercase();
    let main = match proof.outcome {
        ProofOutcome::Unproven => {
            let reason = detail.reason.as_deref().unwrap_or("nothing was answered");
            return format!("Not compared: {reason}");
        }
        ProofOutcome::Equal => agreed(proof, &detail, &what),
        ProofOutcome::Repaired | ProofOutcome::Different => differed(proof, &detail, &what),
    };
    let more = [
        (detail.lacking, "HubSpot's search does not find {} of them; they were read by id."),
        (detail.calculated, "Calculated values of {} had moved and are up to date now."),
        (detail.young, "Left out: {}, changed in the last 65 minutes."),
    ];
    let more = more
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, words)| words.replace("{}", &grouped(count)));
    std::iter::once(main).chain(more).collect::<Vec<_>>().join(" ")
}

fn agreed(proof: &ProofRow, detail: &Detail, what: &str) -> String {
    let compared = grouped(proof.compared);
    match proof.finding {
        Finding::Counts if detail.named => {
            format!("HubSpot's search names {compared} {what}, and the copy has exactly these.")
        }
        Finding::Counts => format!(
            "HubSpot counts {compared} {what}, and so does the copy, in each of {} ranges of ids and {} of last changes.",
            detail.id_ranges, detail.change_ranges
        ),
        Finding::Ids => format!(
            "All {compared} ids of {what} were read again by {}, and the copy has exactly these.",
            detail.way
        ),
        Finding::Values if proof.compared >= detail.sample_of => {
            format!("All {compared} {what} have the values that HubSpot has.")
        }
        Finding::Values => format!(
            "{compared} of {} {what}, drawn at random, have the values that HubSpot has: fewer than {} % of all are \
             wrong, with 95 % certainty.",
            grouped(detail.sample_of),
            percent_wrong_at_most(proof.compared)
        ),
    }
}

fn differed(proof: &ProofRow, detail: &Detail, what: &str) -> String {
    let all = proof.missing + proof.extra + proof.wrong;
    let kinds: Vec<String> = [
        (proof.missing, "missing here"),
        (proof.extra, "no longer in HubSpot"),
        (proof.wrong, "not as in HubSpot"),
    ]
    .into_iter()
    .filter(|(count, _)| *count > 0)
    .map(|(count, how)| format!("{} {how}", grouped(count)))
    .collect();
    let left = all.saturating_sub(proof.repaired);
    let end = match (left, proof.outcome) {
        (0, ProofOutcome::Repaired) => "each was read again and is right now.".to_owned(),
        _ => {
            let reason = detail.reason.as_deref().unwrap_or("HubSpot gives no clear answer about them");
            format!("{} could not be settled: {reason}", grouped(left))
        }
    };
    format!("Of {} {what} compared, {}; {end}", grouped(proof.compared), kinds.join(", "))
}

/// The rule of three: `clean` draws without a fault leave at most 3 in `clean`, at 95 %.
fn percent_wrong_at_most(clean: u64) -> String {
    let hundredths = 30_000_u64.div_ceil(clean.max(1));
    let text = format!("{}.{:02}", hundredths / 100, hundredths % 100);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// 1234567 as "1,234,567".
fn grouped(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proof(finding: Finding, outcome: ProofOutcome, counts: [u64; 5], detail: &Detail) -> String {
        let [compared, missing, extra, wrong, repaired] = counts;
        let row = ProofRow {
            run: 1,
            object: "contacts".into(),
            finding,
            outcome,
            compared,
            missing,
            extra,
            wrong,
            repaired,
            calls: 1,
            detail: detail.json(),
            at: crm::Timestamp::from_millis(0),
        };
        in_words(&row, "Contacts")
    }

    #[test]
    fn every_finding_says_what_it_proves_and_no_more() {
        use {Finding::*, ProofOutcome::*};
        let ranges = Detail { id_ranges: 64, change_ranges: 16, ..Detail::default() };
        let sample = Detail { sample_of: 1_000_000, ..Detail::default() };
        let cases = [
            (
                proof(Counts, Equal, [1_000_000, 0, 0, 0, 0], &ranges),
                "HubSpot counts 1,000,000 contacts, and so does the copy, in each of 64 ranges of ids and 16 of last changes.",
            ),
            (
                proof(
                    Counts,
                    Equal,
                    [312, 0, 0, 0, 0],
                    &Detail { named: true, young: 4, ..Detail::default() },
                ),
                "HubSpot's search names 312 contacts, and the copy has exactly these. Left out: 4, changed in the last 65 minutes.",
            ),
            (
                proof(Counts, Repaired, [1_000_000, 7, 3, 0, 10], &ranges),
                "Of 1,000,000 contacts compared, 7 missing here, 3 no longer in HubSpot; each was read again and is right now.",
            ),
            (
                proof(Ids, Different, [5_000, 0, 2, 0, 1], &Detail::default()),
                "Of 5,000 contacts compared, 2 no longer in HubSpot; 1 could not be settled: HubSpot gives no clear answer about them",
            ),
            (
                proof(Values, Equal, [3_000, 0, 0, 0, 0], &sample),
                "3,000 of 1,000,000 contacts, drawn at random, have the values that HubSpot has: fewer than 0.1 % of all are wrong, with 95 % certainty.",
            ),
            (
                proof(Values, Equal, [312, 0, 0, 0, 0], &Detail { sample_of: 312, ..Detail::default() }),
                "All 312 contacts have the values that HubSpot has.",
            ),
            (
                proof(
                    Counts,
                    Unproven,
                    [0; 5],
                    &Detail { reason: Some("search is down.".into()), ..Detail::default() },
                ),
                "Not compared: search is down.",
            ),
        ];
        for (said, expected) in cases {
            assert_eq!(said, expected);
        }
    }

    #[test]
    fn the_rule_of_three_is_rounded_against_us() {
        for (clean, percent) in [(3_000, "0.1"), (2_999, "0.11"), (300, "1"), (1, "300"), (100_000, "0.01")] {
            assert_eq!(percent_wrong_at_most(clean), percent, "{clean}");
        }
    }
}
