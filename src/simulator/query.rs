//! The small part of the Kusto query language that the simulated Resource Graph understands:
//! a table, `mv-expand` of one list, `where` with comparisons of text, `and` and `or`, `summarize` that counts by one
//! column, `project`, `order by`, `take`.

/// A query that was understood.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Query {
    pub(super) table: Table,
    pub(super) expansion: Option<Expansion>,
    /// The stages that choose rows: of each one alternative must hold, all of its conditions.
    pub(super) conditions: Vec<Vec<Vec<Condition>>>,
    pub(super) summary: Option<Summary>,
    /// None: every column.
    pub(super) projection: Option<Vec<Projection>>,
    pub(super) order: Vec<Order>,
    pub(super) limit: Option<usize>,
}

/// The tables that exist here.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
pub(super) enum Table {
    Resources,
    ResourceContainers,
    PolicyResources,
    SecurityResources,
}

/// Each item of a list becomes a row of its own, with the item in a column of this name.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Expansion {
    pub(super) name: String,
    /// Where the list stands.
    pub(super) path: String,
    /// The items of one row that become rows; what is beyond them is left out without a word.
    pub(super) limit: usize,
}

/// Items of one row that are expanded where the query names no limit, and at most where it does
/// (Azure Resource Graph, supported KQL language elements).
const ITEMS: usize = 128;
const MOST_ITEMS: usize = 2_000;

/// Rows are counted by the values of a column.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Summary {
    /// The name of the count.
    pub(super) count: String,
    pub(super) by: String,
}

/// A column compares like this with one of some values.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Condition {
    pub(super) column: String,
    pub(super) values: Vec<String>,
    pub(super) comparison: Comparison,
}

/// How texts are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    /// `==`
    Same,
    /// `=~`: without regard to case.
    SameInAnyCase,
    /// `startswith`: without regard to case.
    StartsWith,
    /// `contains`: without regard to case.
    Contains,
}

impl Condition {
    pub(super) fn accepts(&self, value: &str) -> bool {
        let same = |it: &String| {
            it.eq_ignore_ascii_case(value)
                || !(it.is_ascii() && value.is_ascii()) && it.to_lowercase() == value.to_lowercase()
        };
        self.values.iter().any(|it| match self.comparison {
            Comparison::Same => it == value,
            Comparison::SameInAnyCase => same(it),
            Comparison::StartsWith => value.to_lowercase().starts_with(&it.to_lowercase()),
            Comparison::Contains => value.to_lowercase().contains(&it.to_lowercase()),
        })
    }
}

/// A column of the result: its name, and the dotted path that it comes from.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Projection {
    pub(super) name: String,
    pub(super) path: String,
}

/// One key of the order.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Order {
    pub(super) column: String,
    pub(super) descending: bool,
}

/// The token at which reading stopped.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NotUnderstood(pub(super) String);

#[derive(Debug, PartialEq, Eq, Clone)]
enum Token {
    Word(String),
    Text(String),
    Sign(&'static str),
}

impl Query {
    pub(super) fn parse(text: &str) -> Result<Self, NotUnderstood> {
        Parser {
            tokens: tokens(text)?,
            place: 0,
        }
        .query()
    }

    /// Whether the result carries the column that paging hangs on.
    pub(super) fn projects_id(&self) -> bool {
        self.summary.is_none()
            && self
                .projection
                .as_ref()
                .is_none_or(|it| it.iter().any(|it| it.name.eq_ignore_ascii_case("id")))
    }
}

fn tokens(text: &str) -> Result<Vec<Token>, NotUnderstood> {
    const SIGNS: [&str; 8] = ["=~", "==", "=", "|", ",", "(", ")", "~"];
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        if let Some(comment) = rest.strip_prefix("//") {
            rest = comment.split_once('\n').map_or("", |(_, after)| after);
        } else if first == '\'' || first == '"' {
            let (inside, after) =
                literal(&rest[1..], first).ok_or_else(|| NotUnderstood(rest.to_owned()))?;
            tokens.push(Token::Text(inside));
            rest = after;
        } else if let Some(sign) = SIGNS.into_iter().find(|it| rest.starts_with(*it)) {
            tokens.push(Token::Sign(sign));
            rest = &rest[sign.len()..];
        } else {
            let end = rest
                .find(|c: char| !(c.is_alphanumeric() || "._-".contains(c)))
                .unwrap_or(rest.len());
            if end == 0 {
                return Err(NotUnderstood(first.to_string()));
            }
            tokens.push(Token::Word(rest[..end].to_owned()));
            rest = &rest[end..];
        }
        rest = rest.trim_start();
    }
    Ok(tokens)
}

/// What stands before the quote that ends a literal, its escapes resolved, and what comes after it.
fn literal(text: &str, quote: char) -> Option<(String, &str)> {
    let mut inside = String::new();
    let mut rest = text.chars();
    loop {
        match rest.next()? {
            '\\' => inside.push(match rest.next()? {
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                'u' => {
                    let digits = rest.as_str().get(..4)?;
                    rest = rest.as_str().get(4..)?.chars();
                    char::from_u32(u32::from_str_radix(digits, 16).ok()?)?
                }
                c @ ('\\' | '\'' | '"') => c,
                _ => return None,
            }),
            '\n' => return None,
            c if c == quote => return Some((inside, rest.as_str())),
            c => inside.push(c),
        }
    }
}

struct Parser {
    tokens: Vec<Token>,
    place: usize,
}

impl Parser {
    fn query(mut self) -> Result<Query, NotUnderstood> {
        let table = match self.word()?.to_ascii_lowercase().as_str() {
            "resources" => Table::Resources,
            "resourcecontainers" => Table::ResourceContainers,
            "policyresources" => Table::PolicyResources,
            "securityresources" => Table::SecurityResources,
            _ => return Err(self.stuck()),
        };
        let mut query = Query {
            table,
            expansion: None,
            conditions: Vec::new(),
            summary: None,
            projection: None,
            order: Vec::new(),
            limit: None,
        };
        while self.place < self.tokens.len() {
            self.sign("|")?;
            match self.word()?.to_ascii_lowercase().as_str() {
                // What comes after a summary would speak of its columns.
                "where" | "project" | "summarize" | "mv-expand" if query.summary.is_some() => {
                    return Err(self.stuck());
                }
                // One list, of rows as the table has them, is all that is simulated.
                "mv-expand" if query.expansion.is_some() || query.projection.is_some() => {
                    return Err(self.stuck());
                }
                "mv-expand" => query.expansion = Some(self.expansion()?),
                "summarize" if query.projection.is_some() => return Err(self.stuck()),
                "summarize" => query.summary = Some(self.summary()?),
                "where" => query.conditions.push(self.alternatives()?),
                "project" => query.projection = Some(self.projection()?),
                "order" | "sort" => query.order = self.order()?,
                "take" | "limit" => {
                    let count = self.word()?.parse().map_err(|_| self.stuck())?;
                    query.limit = Some(count);
                }
                _ => return Err(self.stuck()),
            }
        }
        Ok(query)
    }

    /// Conditions between `or` and `and`, of which `and` binds closer.
    fn alternatives(&mut self) -> Result<Vec<Vec<Condition>>, NotUnderstood> {
        let mut alternatives = vec![vec![self.condition()?]];
        loop {
            if self.is_word("and") {
                let condition = self.condition()?;
                if let Some(last) = alternatives.last_mut() {
                    last.push(condition);
                }
            } else if self.is_word("or") {
                alternatives.push(vec![self.condition()?]);
            } else {
                return Ok(alternatives);
            }
        }
    }

    fn condition(&mut self) -> Result<Condition, NotUnderstood> {
        use Comparison as C;
        let column = self.path()?;
        let (values, comparison) = if self.is_sign("=~") {
            (vec![self.text()?], C::SameInAnyCase)
        } else if self.is_sign("==") {
            (vec![self.text()?], C::Same)
        } else if self.is_word("startswith") {
            (vec![self.text()?], C::StartsWith)
        } else if self.is_word("contains") {
            (vec![self.text()?], C::Contains)
        } else if self.is_word("in") {
            let any_case = self.is_sign("~");
            self.sign("(")?;
            let mut values = vec![self.text()?];
            while self.is_sign(",") {
                values.push(self.text()?);
            }
            self.sign(")")?;
            let comparison = if any_case { C::SameInAnyCase } else { C::Same };
            (values, comparison)
        } else {
            return Err(self.ahead());
        };
        Ok(Condition {
            column,
            values,
            comparison,
        })
    }

    /// A column, or a path into one as text.
    fn path(&mut self) -> Result<String, NotUnderstood> {
        let word = self.word()?;
        if !word.eq_ignore_ascii_case("tostring") || !self.is_sign("(") {
            return Ok(word);
        }
        let path = self.word()?;
        self.sign(")")?;
        Ok(path)
    }

    /// `name = path`, and `limit number` where there is one
    fn expansion(&mut self) -> Result<Expansion, NotUnderstood> {
        let name = self.word()?;
        self.sign("=")?;
        let path = self.word()?;
        let limit = if self.is_word("limit") {
            self.word()?.parse().map_err(|_| self.stuck())?
        } else {
            ITEMS
        };
        if limit > MOST_ITEMS {
            return Err(self.stuck());
        }
        Ok(Expansion { name, path, limit })
    }

    /// `name = count() by column`
    fn summary(&mut self) -> Result<Summary, NotUnderstood> {
        let count = self.word()?;
        self.sign("=")?;
        if !self.is_word("count") {
            return Err(self.ahead());
        }
        self.sign("(")?;
        self.sign(")")?;
        if !self.is_word("by") {
            return Err(self.ahead());
        }
        Ok(Summary {
            count,
            by: self.word()?,
        })
    }

    fn projection(&mut self) -> Result<Vec<Projection>, NotUnderstood> {
        let mut columns = Vec::new();
        loop {
            let first = self.word()?;
            let path = if self.is_sign("=") {
                self.path()?
            } else {
                first.clone()
            };
            // A bare path is named by joining its parts, as Kusto does.
            columns.push(Projection {
                name: first.replace('.', "_"),
                path,
            });
            if !self.is_sign(",") {
                return Ok(columns);
            }
        }
    }

    fn order(&mut self) -> Result<Vec<Order>, NotUnderstood> {
        if !self.is_word("by") {
            return Err(self.ahead());
        }
        let mut keys = Vec::new();
        loop {
            let column = self.word()?;
            // Kusto sorts from high to low unless told.
            let descending = if self.is_word("asc") {
                false
            } else {
                self.is_word("desc");
                true
            };
            keys.push(Order { column, descending });
            if !self.is_sign(",") {
                return Ok(keys);
            }
        }
    }

    fn word(&mut self) -> Result<String, NotUnderstood> {
        match self.tokens.get(self.place) {
            Some(Token::Word(word)) => {
                self.place += 1;
                Ok(word.clone())
            }
            _ => Err(self.ahead()),
        }
    }

    fn text(&mut self) -> Result<String, NotUnderstood> {
        match self.tokens.get(self.place) {
            Some(Token::Text(text)) => {
                self.place += 1;
                Ok(text.clone())
            }
            _ => Err(self.ahead()),
        }
    }

    fn sign(&mut self, sign: &str) -> Result<(), NotUnderstood> {
        if self.is_sign(sign) {
            Ok(())
        } else {
            Err(self.ahead())
        }
    }

    fn is_sign(&mut self, sign: &str) -> bool {
        let found = matches!(self.tokens.get(self.place), Some(Token::Sign(it)) if *it == sign);
        self.place += usize::from(found);
        found
    }

    fn is_word(&mut self, word: &str) -> bool {
        let found = matches!(self.tokens.get(self.place), Some(Token::Word(it)) if it.eq_ignore_ascii_case(word));
        self.place += usize::from(found);
        found
    }

    /// The token that comes next is not what may come here.
    fn ahead(&self) -> NotUnderstood {
        NotUnderstood(match self.tokens.get(self.place) {
            Some(Token::Word(text) | Token::Text(text)) => text.clone(),
            Some(Token::Sign(sign)) => (*sign).to_owned(),
            None => "<EOF>".to_owned(),
        })
    }

    /// The token just taken is not known.
    fn stuck(&mut self) -> NotUnderstood {
        self.place = self.place.saturating_sub(1);
        self.ahead()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_inventory_query_is_understood() {
        let query = Query::parse(
            "Resources\n| where type =~ 'microsoft.dbformysql/flexibleServers' and subscriptionId in~ ('a', \"b\")\n\
             // the columns\n| project id, name, state = properties.state, properties.version | order by id asc, name\n\
             | take 10",
        )
        .unwrap();
        assert_eq!(query.table, Table::Resources);
        let [stage] = &query.conditions[..] else {
            panic!("{query:?}")
        };
        assert_eq!(stage[0].len(), 2);
        assert!(stage[0][0].accepts("MICROSOFT.DBforMySQL/flexibleservers"));
        assert_eq!(stage[0][1].values, ["a", "b"]);
        let columns: Vec<_> = query
            .projection
            .as_ref()
            .unwrap()
            .iter()
            .map(|it| (it.name.as_str(), it.path.as_str()))
            .collect();
        assert_eq!(
            columns,
            [
                ("id", "id"),
                ("name", "name"),
                ("state", "properties.state"),
                ("properties_version", "properties.version")
            ]
        );
        assert_eq!(
            query.order[0],
            Order {
                column: "id".to_owned(),
                descending: false
            }
        );
        assert!(query.order[1].descending);
        assert_eq!(query.limit, Some(10));
        assert!(query.projects_id());
        assert!(
            !Query::parse("resources | project name")
                .unwrap()
                .projects_id()
        );
    }

    #[test]
    fn states_are_found_by_the_type_of_their_resource_and_counted_by_subscription() {
        let query = Query::parse(
            "policyresources | where type =~ 'microsoft.policyinsights/policystates' \
             | where tostring(properties.resourceType) =~ 'a/b'\n| project id, properties|order by id asc",
        )
        .unwrap();
        assert_eq!(query.table, Table::PolicyResources);
        assert_eq!(query.conditions[1][0][0].column, "properties.resourceType");
        let query = Query::parse(
            "policyresources | where type =~ 'x' | summarize states = count() by subscriptionId \
             | order by subscriptionId asc",
        )
        .unwrap();
        let summary = query.summary.as_ref().unwrap();
        assert_eq!(
            (summary.count.as_str(), summary.by.as_str()),
            ("states", "subscriptionId")
        );
        assert_eq!(query.order[0].column, "subscriptionId");
        assert!(!query.projects_id());
    }

    #[test]
    fn alternatives_and_escapes_are_understood() {
        let query = Query::parse(
            "resources | where name =~ 'o\\'b\\\\' or name startswith 'mysql-' and tostring(tags) contains '\\u000a' \
             | where id == \"a'b\"",
        )
        .unwrap();
        let [first, second] = &query.conditions[..] else {
            panic!("{query:?}")
        };
        assert_eq!(first.len(), 2);
        assert!(first[0][0].accepts("O'B\\"));
        assert!(first[1][0].accepts("MySQL-7") && !first[1][0].accepts("my"));
        assert!(first[1][1].accepts("a\nb") && !first[1][1].accepts("n"));
        assert_eq!(second[0][0].values, ["a'b"]);
    }

    #[test]
    fn a_list_is_expanded_up_to_a_limit() {
        let query = Query::parse(
            "resources | where type =~ 'a' | mv-expand subnet = properties.subnets limit 2000 \
             | where tostring(subnet.name) =~ 'b' | project id = tostring(subnet.id)",
        )
        .unwrap();
        let expansion = query.expansion.as_ref().unwrap();
        assert_eq!(
            (&*expansion.name, &*expansion.path, expansion.limit),
            ("subnet", "properties.subnets", 2_000)
        );
        assert_eq!(query.conditions[1][0][0].column, "subnet.name");
        assert_eq!(query.projection.unwrap()[0].path, "subnet.id");
        let query = Query::parse("resources | mv-expand a = b").unwrap();
        assert_eq!(query.expansion.unwrap().limit, 128);
    }

    #[test]
    fn what_is_not_understood_is_named() {
        let stopped = |text| Query::parse(text).unwrap_err().0;
        assert_eq!(stopped("resourcs | take 1"), "resourcs");
        assert_eq!(stopped("resources | summarize count()"), "(");
        assert_eq!(
            stopped("resources | summarize a = dcount(id) by type"),
            "dcount"
        );
        assert_eq!(
            stopped("resources | summarize a = count() by type | where a == 'b'"),
            "where"
        );
        assert_eq!(
            stopped("resources | project id | summarize a = count() by id"),
            "summarize"
        );
        assert_eq!(stopped("resources | where tostring(tags =~ 'x'"), "=~");
        assert_eq!(stopped("resources | where type has 'x'"), "has");
        assert_eq!(stopped("resources | where type =~ 'a\\qb'"), "'a\\qb'");
        assert_eq!(stopped("resources | where type =~"), "<EOF>");
        assert_eq!(stopped("resources | take many"), "many");
        assert_eq!(stopped("resources | mv-expand a = b limit 2001"), "2001");
        assert_eq!(
            stopped("resources | mv-expand a = b | mv-expand c = d"),
            "mv-expand"
        );
        assert_eq!(stopped("resources where"), "where");
        assert_eq!(stopped("resources | where type =~ 'open"), "'open");
        assert_eq!(stopped("resources ; take"), ";");
        assert_eq!(stopped(""), "<EOF>");
    }
}
