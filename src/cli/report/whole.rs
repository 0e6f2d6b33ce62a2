//! The forms of a report that hold servers, findings and controls at once.

use std::io::{self, Seek, Write};

use crate::documents::text::neutral;
use crate::report::{
    ListedServer, MOST_RESULTS_OF_GITHUB, Ocsf, Page, ReportedServer, Sarif, Xlsx,
};

use super::{Material, Told};

impl Material {
    /// Goes through the servers of the report with their findings.
    fn each(
        &mut self,
        mut each: impl FnMut(&ReportedServer<'_>) -> io::Result<()>,
    ) -> anyhow::Result<()> {
        for (_, summary) in self.selected.servers(&self.fleet) {
            let documents = self.scan.documents(&summary.id)?;
            let mut findings = self.judge.findings(&documents);
            self.selection.keep(summary, &mut findings);
            let id = &summary.subscription;
            let known = self.names.get(&id.to_ascii_lowercase());
            each(&ReportedServer {
                summary,
                documents: &documents,
                findings: &findings,
                subscription: known.map_or(&**id, String::as_str),
            })?;
        }
        Ok(())
    }

    pub(super) fn sarif(&mut self, out: &mut impl Write) -> anyhow::Result<Told> {
        let mut sarif = Sarif::new(out, &self.head, &self.overview())?;
        self.each(|server| sarif.server(server))?;
        let results = sarif.finish()?;
        if results > MOST_RESULTS_OF_GITHUB {
            note(&format!(
                "{results} results: code scanning of GitHub takes {MOST_RESULTS_OF_GITHUB} at most; narrow them with \
                 --filter"
            ));
        }
        Ok(format!("{results} results"))
    }

    pub(super) fn ocsf(&mut self, out: &mut impl Write) -> anyhow::Result<Told> {
        let mut ocsf = Ocsf::new(out, &self.head)?;
        self.each(|server| ocsf.server(server))?;
        Ok(format!("{} events", ocsf.finish()?))
    }

    pub(super) fn page(&mut self, out: &mut impl Write) -> anyhow::Result<Told> {
        let listed = self.selected.servers(&self.fleet).map(|(_, summary)| {
            let id = &summary.subscription;
            let known = self.names.get(&id.to_ascii_lowercase());
            ListedServer {
                summary,
                subscription: known.map_or(&**id, String::as_str),
            }
        });
        let (overview, groups) = (self.overview(), &self.selected.groups);
        let mut page = Page::new(out, &self.head, &overview, groups, listed, &self.selection)?;
        self.each(|server| page.server(server))?;
        Ok(format!("{} servers", page.finish()?))
    }

    pub(super) fn workbook(&mut self, out: impl Write + Seek + Send) -> anyhow::Result<Told> {
        let mut book = Xlsx::new(
            &self.head,
            &self.fleet,
            &self.selected.places,
            &self.selection,
            &self.overview(),
        )?;
        self.each(|server| book.server(server))?;
        let counts = book.finish(out)?;
        if counts.left_out > 0 {
            note(&format!(
                "{} rows have no room on a sheet; narrow them with --filter",
                counts.left_out
            ));
        }
        Ok(format!("{} findings", counts.findings))
    }
}

fn note(text: &str) {
    let _ = writeln!(io::stderr(), "note: {}", neutral(text));
}
