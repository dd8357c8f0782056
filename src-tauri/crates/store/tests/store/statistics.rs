//! What the values of properties look like.

use crm::{PropertyDefinition, Sensitivity};
use store::{PropertyStatistics, Reader, ValueSample, Verdict};

use crate::make::{contacts, day, definition, id, mirror, record};

fn sample(value: &str, count: u64) -> ValueSample {
    ValueSample { value: value.to_owned(), count: Some(count) }
}

#[test]
fn filled_rows_different_values_and_examples_are_counted_over_live_rows() {
    let mut mirror = mirror();
    let secret =
        PropertyDefinition { sensitivity: Sensitivity::Sensitive, ..definition("secret", "S", "string") };
    let defined = [
        definition("stage", "Stage", "string"),
        definition("email", "Email", "string"),
        definition("empty", "Empty", "string"),
        secret,
    ];
    mirror.writer.put_properties(&contacts(), &defined).unwrap();
    let records: Vec<_> = (1..=300)
        .map(|n| {
            let stage = if n % 3 == 0 { "lead" } else { "customer" };
            let text = match n {
                300 => r#"{"stage":"","email":""}"#.to_owned(),
                _ => format!(r#"{{"stage":"{stage}","email":"{n}@example.com","secret":"{n}"}}"#),
            };
            record(n, 1, &text)
        })
        .collect();
    mirror.page(&records);
    mirror
        .writer
        .settle(&contacts(), &[(id(1), Verdict::Archived { at: None })], store::Asked::All, day(2))
        .unwrap();
    let reader = Reader::open(&mirror.path()).unwrap();
    let found = reader.examine_properties(&contacts(), 10_000).unwrap();
    let of = |name: &str| found.iter().find(|found| found.property == name).unwrap();
    let stage = of("stage");
    assert_eq!((stage.filled, stage.of, stage.distinct), (298, 299, Some(2)));
    assert_eq!(stage.samples, [sample("customer", 199), sample("lead", 99)]);
    let email = of("email");
    assert_eq!((email.filled, email.distinct, email.samples.len()), (298, None, 3));
    assert!(
        email.samples.iter().all(|sample| sample.count.is_none() && sample.value.ends_with("@example.com"))
    );
    assert_eq!((of("empty").filled, of("empty").distinct), (0, Some(0)));
    assert_eq!((of("secret").filled, &of("secret").samples), (298, &Vec::new()));

    mirror.writer.put_property_statistics(&contacts(), &found, day(3)).unwrap();
    let kept = reader.property_statistics(&contacts()).unwrap();
    assert_eq!(kept.len(), 4);
    assert!(kept.iter().all(|(kept, at)| found.contains(kept) && *at == day(3)));
    // An example may be a value of somebody who is erased.
    mirror.writer.settle(&contacts(), &[(id(2), Verdict::Gone)], store::Asked::All, day(4)).unwrap();
    let none: Vec<&PropertyStatistics> = Vec::new();
    let kept = reader.property_statistics(&contacts()).unwrap();
    assert_eq!(
        kept.iter().map(|(kept, _)| kept).filter(|kept| !kept.samples.is_empty()).collect::<Vec<_>>(),
        none
    );
}

#[test]
fn many_rows_are_judged_by_some_of_all_parts() {
    let mut mirror = mirror();
    mirror.writer.put_properties(&contacts(), &[definition("half", "Half", "string")]).unwrap();
    // Ids with wide gaps, and every value in the upper half of the ids.
    for chunk in 0..20_i64 {
        let records: Vec<_> = (0..1_000)
            .map(|n| {
                let text = if chunk < 10 { "{}" } else { r#"{"half":"yes"}"# };
                record(1 + chunk * 1_000_000_000 + n, 1, text)
            })
            .collect();
        mirror.page(&records);
    }
    let reader = Reader::open(&mirror.path()).unwrap();
    let found = reader.examine_properties(&contacts(), 2_000).unwrap().remove(0);
    assert!((1_900..=2_100).contains(&found.of), "{found:?}");
    let share = found.filled as f64 / found.of as f64;
    assert!((0.45..=0.55).contains(&share), "{share}");
}
