//! SQL from people, scripts and agents: it can read the mirror and nothing else.
//!
//! What stands in the way: the file is opened for reading only, `query_only` is on, an authorizer allows SELECT, READ,
//! RECURSIVE and a list of functions, no other database can be attached, the schema is not trusted, and time, rows and
//! bytes are limited. `PRAGMA` is not a statement here; its harmless readings are table-valued functions
//! (`SELECT * FROM pragma_table_info('contacts')`).

use std::{
    fmt,
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use rusqlite::{
    Connection, ErrorCode,
    config::DbConfig,
    hooks::{AuthAction, AuthContext, Authorization},
    limits::Limit,
    types::ValueRef,
};

use crate::{Error, Reader, database};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueryLimits {
    pub time: Duration,
    pub rows: usize,
    /// Of text, blobs and numbers together.
    pub bytes: usize,
}

#[derive(Debug, Clone, PartialEq)]
pub struct QueryOut {
    pub columns: Vec<String>,
    pub rows: Vec<Vec<SqlValue>>,
    /// Why there would have been more, if there would.
    pub cut: Option<Cut>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum SqlValue {
    Null,
    Integer(i64),
    Real(f64),
    Text(String),
    Blob(Vec<u8>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    Rows(usize),
    Bytes(usize),
}

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Cut::Rows(rows) => write!(f, "only the first {rows} rows are shown"),
            Cut::Bytes(bytes) => write!(f, "only the first {bytes} bytes are shown"),
        }
    }
}

/// Functions that can neither write, nor load, nor see anything but their arguments. Aggregates, window, JSON, date,
/// mathematical and text functions of `SQLite`; `match` and what belongs to it serve full text.
const FUNCTIONS: &[&str] = &[
    // core
    "abs",
    "char",
    "coalesce",
    "concat",
    "concat_ws",
    "format",
    "glob",
    "hex",
    "if",
    "ifnull",
    "iif",
    "instr",
    "length",
    "like",
    "likelihood",
    "likely",
    "lower",
    "ltrim",
    "max",
    "min",
    "nullif",
    "octet_length",
    "printf",
    "quote",
    "random",
    "replace",
    "round",
    "rtrim",
    "sign",
    "soundex",
    "sqlite_version",
    "substr",
    "substring",
    "trim",
    "typeof",
    "unhex",
    "unicode",
    "unistr",
    "unistr_quote",
    "unlikely",
    "upper",
    "match",
    // aggregates and windows
    "avg",
    "count",
    "group_concat",
    "median",
    "percentile",
    "percentile_cont",
    "percentile_disc",
    "string_agg",
    "sum",
    "total",
    "cume_dist",
    "dense_rank",
    "first_value",
    "lag",
    "last_value",
    "lead",
    "nth_value",
    "ntile",
    "percent_rank",
    "rank",
    "row_number",
    // dates
    "current_date",
    "current_time",
    "current_timestamp",
    "date",
    "datetime",
    "julianday",
    "strftime",
    "time",
    "timediff",
    "unixepoch",
    // mathematics
    "acos",
    "acosh",
    "asin",
    "asinh",
    "atan",
    "atan2",
    "atanh",
    "ceil",
    "ceiling",
    "cos",
    "cosh",
    "degrees",
    "exp",
    "floor",
    "ln",
    "log",
    "log10",
    "log2",
    "mod",
    "pi",
    "pow",
    "power",
    "radians",
    "sin",
    "sinh",
    "sqrt",
    "tan",
    "tanh",
    "trunc",
    // JSON
    "->",
    "->>",
    "json",
    "json_array",
    "json_array_length",
    "json_each",
    "json_error_position",
    "json_extract",
    "json_group_array",
    "json_group_object",
    "json_insert",
    "json_object",
    "json_patch",
    "json_pretty",
    "json_quote",
    "json_remove",
    "json_replace",
    "json_set",
    "json_tree",
    "json_type",
    "json_valid",
    "jsonb",
    "jsonb_array",
    "jsonb_extract",
    "jsonb_group_array",
    "jsonb_group_object",
    "jsonb_object",
    // full text
    "bm25",
    "fts5",
];

/// Readings that the table-valued `pragma_…` functions and full text make on a query's behalf.
const PRAGMAS: &[&str] =
    &["data_version", "index_info", "index_list", "index_xinfo", "table_info", "table_list", "table_xinfo"];

/// Instructions between two looks at the clock.
const STEPS: i32 = 2_000;
/// One value, and one row as it lies in the file, may be this long.
const LENGTH_MAX: i32 = 64 << 20;

/// A connection for questions only.
pub(crate) struct Guarded {
    conn: Connection,
    watch: Arc<Watch>,
}

impl fmt::Debug for Guarded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guarded").finish_non_exhaustive()
    }
}

#[derive(Default)]
struct Watch {
    /// The statement itself is being read; what its functions ask comes later.
    reading: AtomicBool,
    refused: Mutex<Option<String>>,
    until: Mutex<Option<Instant>>,
    timed_out: AtomicBool,
}

impl Reader {
    /// Runs one reading statement.
    pub fn query(&self, sql: &str, limits: &QueryLimits) -> Result<QueryOut, Error> {
        let mut guarded = self.guarded.borrow_mut();
        if guarded.is_none() {
            *guarded = Some(Guarded::open(self.path())?);
        }
        guarded.as_ref().expect("it has just been opened").query(sql, limits)
    }
}

impl Guarded {
    fn open(path: &Path) -> Result<Guarded, Error> {
        let mut conn = database::open_read_only(path, &database::MIRROR)?;
        conn.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
        conn.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
        conn.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, false)?;
        for (limit, most) in [
            (Limit::SQLITE_LIMIT_ATTACHED, 0),
            (Limit::SQLITE_LIMIT_LENGTH, LENGTH_MAX),
            (Limit::SQLITE_LIMIT_SQL_LENGTH, 1 << 20),
            (Limit::SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 1_000),
            (Limit::SQLITE_LIMIT_EXPR_DEPTH, 500),
            (Limit::SQLITE_LIMIT_COMPOUND_SELECT, 100),
            (Limit::SQLITE_LIMIT_WORKER_THREADS, 0),
        ] {
            conn.set_limit(limit, most)?;
        }
        let watch = Arc::new(Watch::default());
        let seen = Arc::clone(&watch);
        conn.authorizer(Some(move |context: AuthContext<'_>| seen.judge(&context)))?;
        let seen = Arc::clone(&watch);
        conn.progress_handler(STEPS, Some(move || seen.is_late()))?;
        Ok(Guarded { conn, watch })
    }

    fn query(&self, sql: &str, limits: &QueryLimits) -> Result<QueryOut, Error> {
        self.watch.begin(limits.time);
        let answer = self.run(sql, limits);
        *self.watch.until.lock().expect("nothing panics while it is held") = None;
        answer.map_err(|error| self.explain(error, limits))
    }

    fn run(&self, sql: &str, limits: &QueryLimits) -> Result<QueryOut, rusqlite::Error> {
        self.watch.reading.store(true, Ordering::Relaxed);
        let prepared = self.conn.prepare(sql);
        self.watch.reading.store(false, Ordering::Relaxed);
        let mut statement = prepared?;
        let columns: Vec<String> = statement.column_names().map(str::to_owned).collect();
        if !statement.readonly() || columns.is_empty() {
            self.watch.refuse("a statement that changes something");
            return Err(rusqlite::Error::InvalidQuery);
        }
        let mut out = QueryOut { rows: Vec::new(), cut: None, columns };
        let mut bytes = 0;
        let mut rows = statement.raw_query();
        while let Some(row) = rows.next()? {
            if out.rows.len() == limits.rows {
                out.cut = Some(Cut::Rows(limits.rows));
                break;
            }
            let mut cells = Vec::with_capacity(out.columns.len());
            for at in 0..out.columns.len() {
                let value = row.get_ref(at)?;
                bytes += size(value);
                if bytes > limits.bytes {
                    break;
                }
                cells.push(owned(value));
            }
            if bytes > limits.bytes {
                out.cut = Some(Cut::Bytes(limits.bytes));
                break;
            }
            out.rows.push(cells);
        }
        Ok(out)
    }

    fn explain(&self, error: rusqlite::Error, limits: &QueryLimits) -> Error {
        if self.watch.timed_out.load(Ordering::Relaxed) {
            return Error::QueryTimedOut(limits.time);
        }
        let refused = self.watch.refused.lock().expect("nothing panics while it is held").take();
        match (refused, error.sqlite_error_code()) {
            (Some(what), _) => Error::NotReadOnly(what),
            (
                None,
                Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::DatabaseCorrupt),
            ) => error.into(),
            (None, Some(ErrorCode::TooBig)) => {
                Error::Sql { message: "a value or a row is longer than a query may handle".to_owned() }
            }
            (None, _) => Error::Sql { message: message(&error) },
        }
    }
}

impl Watch {
    fn begin(&self, time: Duration) {
        *self.refused.lock().expect("nothing panics while it is held") = None;
        *self.until.lock().expect("nothing panics while it is held") = Instant::now().checked_add(time);
        self.timed_out.store(false, Ordering::Relaxed);
    }

    fn is_late(&self) -> bool {
        let until = *self.until.lock().expect("nothing panics while it is held");
        let late = until.is_some_and(|until| Instant::now() >= until);
        if late {
            self.timed_out.store(true, Ordering::Relaxed);
        }
        late
    }

    fn refuse(&self, what: impl Into<String>) {
        self.refused.lock().expect("nothing panics while it is held").get_or_insert_with(|| what.into());
    }

    fn judge(&self, context: &AuthContext<'_>) -> Authorization {
        let refused = match context.action {
            AuthAction::Select | AuthAction::Recursive | AuthAction::Read { .. } => {
                return Authorization::Allow;
            }
            AuthAction::Function { function_name } => {
                let name = function_name.to_ascii_lowercase();
                if FUNCTIONS.contains(&name.as_str()) {
                    return Authorization::Allow;
                }
                format!("the function {name}")
            }
            AuthAction::Pragma { pragma_name, .. } => {
                let name = pragma_name.to_ascii_lowercase();
                let asked = self.reading.load(Ordering::Relaxed);
                if !asked && PRAGMAS.contains(&name.as_str()) {
                    return Authorization::Allow;
                }
                format!("PRAGMA {name}")
            }
            AuthAction::Attach { .. } | AuthAction::Detach { .. } => "another database".to_owned(),
            AuthAction::Transaction { .. } | AuthAction::Savepoint { .. } => "a transaction".to_owned(),
            _ => "a statement that changes something".to_owned(),
        };
        self.refuse(refused);
        Authorization::Deny
    }
}

fn message(error: &rusqlite::Error) -> String {
    match error {
        rusqlite::Error::SqliteFailure(_, Some(text)) => text.clone(),
        rusqlite::Error::SqlInputError { msg, .. } => msg.clone(),
        rusqlite::Error::MultipleStatement => "only one statement at a time".to_owned(),
        other => other.to_string(),
    }
}

fn size(value: ValueRef<'_>) -> usize {
    match value {
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => bytes.len(),
        _ => 8,
    }
}

fn owned(value: ValueRef<'_>) -> SqlValue {
    match value {
        ValueRef::Null => SqlValue::Null,
        ValueRef::Integer(number) => SqlValue::Integer(number),
        ValueRef::Real(number) => SqlValue::Real(number),
        ValueRef::Text(bytes) => SqlValue::Text(String::from_utf8_lossy(bytes).into_owned()),
        ValueRef::Blob(bytes) => SqlValue::Blob(bytes.to_vec()),
    }
}
