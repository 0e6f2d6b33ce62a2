"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const $ = (id) => document.getElementById(id);
  const text = (place) => data.strings[place];
  const make = (tag, className, content) => {
    const element = document.createElement(tag);
    if (className) element.className = className;
    if (content !== undefined) element.textContent = content;
    return element;
  };

  // One letter for each feature of a server; a feature that the report is not about is "-".
  const KINDS = {
    c: ["Fail", "fail", "critical"], h: ["Fail", "fail", "high"], m: ["Fail", "fail", "medium"], l: ["Fail", "fail", "low"],
    f: ["Fail", "fail", ""], u: ["Unknown", "unknown", ""], n: ["Manual", "manual", ""], p: ["Pass", "pass", ""],
    w: ["Waived", "waived", ""], a: ["NotApplicable", "other", ""], s: ["Platform", "other", ""], x: ["Unsupported", "other", ""],
    "-": ["not in the report", "other", ""],
  };
  const LETTERS = { fail: "chmlf", unknown: "u", manual: "n", waived: "w", pass: "p" };
  const SEVERITIES = { critical: "c", high: "ch", medium: "chm", low: "chml" };
  const OUTCOMES = { m: "holds", u: "does not hold", "?": "unread", n: "to be decided by a person", a: "does not apply" };

  const servers = data.servers.map((row, place) => {
    const [name, id, subscription, subscriptionId, group, region, version, state, tags, score, beyond, cells, findings, inGroup] = row;
    const count = (letters) => [...cells].filter((cell) => letters.includes(cell)).length;
    const server = {
      place, name, cells, findings, score, beyond, subscriptionId: text(subscriptionId), subscription: text(subscription),
      group: text(group), region: text(region), version: text(version), state: text(state), tags: text(tags), inGroup: text(inGroup),
      c: count("c"), h: count("h"), m: count("m"), l: count("l"), u: count("u"),
    };
    server.id = id || `/subscriptions/${server.subscriptionId}/resourceGroups/${server.group}/providers/Microsoft.DBforMySQL/flexibleServers/${name}`;
    server.search = [name, server.subscription, server.group, server.region, server.version, server.state, server.tags, server.inGroup].join("\n").toLowerCase();
    return server;
  });

  const COLUMNS = [
    ["name", "Server"], ["subscription", "Subscription"], ["group", "Resource group"], ["region", "Region"], ["version", "Version"],
    ["score", "Score", true], ["c", "C", true, "failing, critical"], ["h", "H", true, "failing, high"], ["m", "M", true, "failing, medium"],
    ["l", "L", true, "failing, low"], ["u", "?", true, "unknown"], ["place", "Features"],
  ];
  const ROW = 30;
  const view = { rows: servers, sort: "place", down: false, at: 0, open: null };
  const collator = new Intl.Collator(undefined, { numeric: true });

  const filter = () => {
    const words = $("search").value.toLowerCase().split(/\s+/).filter(Boolean);
    const verdict = LETTERS[$("verdict").value];
    const severity = SEVERITIES[$("severity").value];
    const feature = $("feature").value === "" ? -1 : Number($("feature").value);
    const subscription = $("subscription").value;
    const fits = (cell) => (!verdict || verdict.includes(cell)) && (!severity || severity.includes(cell)) && cell !== "-";
    const narrow = verdict || severity;
    const found = servers.filter((server) =>
      words.every((word) => server.search.includes(word)) &&
      (subscription === "" || server.subscriptionId === subscription) &&
      (feature >= 0 ? fits(server.cells[feature]) : !narrow || [...server.cells].some(fits)));
    const key = view.sort;
    if (key !== "place") {
      found.sort((one, other) => {
        const [a, b] = [one[key], other[key]];
        return (typeof a === "number" ? a - b : collator.compare(a, b)) || one.place - other.place;
      });
    }
    if (view.down) found.reverse();
    view.rows = found;
    view.at = 0;
    $("scroller").scrollTop = 0;
    const open = view.open !== null && found.find((server) => server.place === view.open);
    if (open) view.at = found.indexOf(open);
    $("count").textContent = `${found.length} of ${servers.length} servers`;
    $("rows").style.height = `${found.length * ROW}px`;
    $("grid").setAttribute("aria-rowcount", String(found.length + 1));
    draw();
  };

  const strip = (server) => {
    const box = make("span", "strip");
    [...server.cells].forEach((cell, place) => {
      const [word, kind, severity] = KINDS[cell];
      const mark = make("i", severity ? `s-${severity}` : `v-${kind}`);
      mark.title = `${data.features[place][2]}: ${word}${severity ? ` ${severity}` : ""}`;
      box.append(mark);
    });
    return box;
  };

  const rowOf = (server, number) => {
    const row = make("div", number === view.at ? "row on" : "row");
    row.id = `row-${number}`;
    row.setAttribute("role", "row");
    row.setAttribute("aria-rowindex", String(number + 2));
    row.setAttribute("aria-selected", String(number === view.at));
    row.style.top = `${number * ROW}px`;
    for (const [key, , isNumber] of COLUMNS) {
      const cell = make("span", isNumber ? "n" : "");
      cell.setAttribute("role", "gridcell");
      if (key === "place") cell.append(strip(server));
      else if (key === "score") cell.textContent = server.score < 0 ? "–" : String(server.score);
      else {
        cell.textContent = String(server[key]);
        if (!isNumber) cell.title = String(server[key]);
      }
      row.append(cell);
    }
    row.addEventListener("click", () => { view.at = number; draw(); show(server); });
    return row;
  };

  const draw = () => {
    const scroller = $("scroller");
    const first = Math.max(0, Math.floor(scroller.scrollTop / ROW) - 5);
    const last = Math.min(view.rows.length, Math.ceil((scroller.scrollTop + scroller.clientHeight) / ROW) + 5);
    const rows = [];
    for (let number = first; number < last; number++) rows.push(rowOf(view.rows[number], number));
    $("rows").replaceChildren(...rows);
    if (view.at >= first && view.at < last) scroller.setAttribute("aria-activedescendant", `row-${view.at}`);
    else scroller.removeAttribute("aria-activedescendant");
  };

  const goTo = (at) => {
    view.at = Math.max(0, Math.min(view.rows.length - 1, at));
    const scroller = $("scroller");
    const top = view.at * ROW;
    if (top < scroller.scrollTop) scroller.scrollTop = top;
    else if (top + ROW > scroller.scrollTop + scroller.clientHeight) scroller.scrollTop = top + ROW - scroller.clientHeight;
    draw();
  };

  // What stands for the server's own names in texts that many servers share.
  const filled = (server, place) => text(place)
    .replaceAll("\uE001", server.id).replaceAll("\uE000", server.name)
    .replaceAll("\uE002", server.subscriptionId).replaceAll("\uE003", server.group);

  const conditionOf = (server, place) => {
    const [id, statement, severity, decides, outcome, reason, note, waiver, evidence] = data.conditions[place];
    const box = make("div", "condition");
    const head = make("div");
    head.append(make("b", "", `${OUTCOMES[outcome]}${outcome === "u" ? ` (${text(severity)})` : ""}`), ` ${text(statement)} `,
      make("span", "soft", text(id) + (decides ? "" : ", only informs")));
    box.append(head);
    for (const extra of [reason, note]) if (text(extra)) box.append(make("div", "soft", filled(server, extra)));
    if (text(waiver)) box.append(make("div", "soft", `exempt ${filled(server, waiver)}`));
    for (const seen of evidence) {
      const [observed, expected, request, pointer] = data.evidence[seen];
      box.append(make("div", "", `saw ${filled(server, observed)}; expected ${filled(server, expected)}`));
      if (text(request)) box.append(make("code", "", `${filled(server, request)} ${filled(server, pointer)}`));
    }
    return box;
  };

  const show = (server) => {
    view.open = server.place;
    const panel = $("detail");
    const close = make("button", "", "Close");
    close.addEventListener("click", hide);
    const title = make("h2", "", server.name);
    const list = make("dl");
    for (const [name, value] of [
      ["Resource id", server.id], ["Subscription", server.subscription], ["Region", server.region], ["Version", server.version],
      ["State", server.state], ["Tags", server.tags], ["Score", server.score < 0 ? "none" : String(server.score)],
      ["Beyond the baseline", server.beyond < 0 ? "none" : String(server.beyond)],
    ]) if (value) list.append(make("dt", "", name), make("dd", "", value));
    const parts = [title, list];
    let family = "";
    let next = 0;
    [...server.cells].forEach((cell, place) => {
      if (cell === "-") return;
      const [, control, name, code] = data.features[place];
      if (code !== family) {
        family = code;
        parts.push(make("h3", "", data.families[code]));
      }
      const [reason, notes, conditions] = data.findings[server.findings[next++]];
      const [word, kind, severity] = KINDS[cell];
      const details = make("details");
      details.open = severity === "critical";
      const summary = make("summary");
      summary.append(make("span", `chip ${severity ? `s-${severity}` : `v-${kind}`}`, severity || word), `${control} ${name}`);
      details.append(summary);
      for (const line of [reason, notes]) if (text(line)) details.append(make("div", "condition soft", filled(server, line)));
      for (const condition of conditions) details.append(conditionOf(server, condition));
      parts.push(details);
    });
    parts.push(make("p"), close);
    panel.replaceChildren(...parts);
    panel.hidden = false;
    panel.setAttribute("aria-label", server.name);
  };

  const hide = () => {
    view.open = null;
    $("detail").hidden = true;
    $("scroller").focus();
  };

  const heads = COLUMNS.map(([key, title, isNumber, long]) => {
    const head = make("span", isNumber ? "n" : "");
    head.setAttribute("role", "columnheader");
    const button = make("button", "", title);
    if (long) button.title = long;
    button.addEventListener("click", () => {
      view.down = view.sort === key ? !view.down : Boolean(isNumber) && key !== "score";
      view.sort = key;
      for (const other of heads) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", view.down ? "descending" : "ascending");
      for (const [place, [, name]] of COLUMNS.entries()) heads[place].firstChild.textContent = name;
      button.textContent = `${title} ${view.down ? "↓" : "↑"}`;
      filter();
    });
    head.append(button);
    return head;
  });
  $("heads").append(...heads);

  for (const [place, [, control, name]] of data.features.entries()) {
    const option = make("option", "", `${control} ${name}`);
    option.value = String(place);
    $("feature").append(option);
  }
  const subscriptions = new Map(servers.map((server) => [server.subscriptionId, server.subscription]));
  for (const [id, name] of [...subscriptions].sort((a, b) => collator.compare(a[1], b[1]))) {
    const option = make("option", "", name);
    option.value = id;
    $("subscription").append(option);
  }

  let waiting = 0;
  const soon = () => { cancelAnimationFrame(waiting); waiting = requestAnimationFrame(filter); };
  for (const id of ["search", "verdict", "severity", "feature", "subscription"]) $(id).addEventListener("input", soon);
  let drawing = 0;
  $("scroller").addEventListener("scroll", () => { cancelAnimationFrame(drawing); drawing = requestAnimationFrame(draw); });
  window.addEventListener("resize", draw);
  $("scroller").addEventListener("keydown", (event) => {
    const page = Math.max(1, Math.floor($("scroller").clientHeight / ROW) - 1);
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page };
    if (event.key in steps) goTo(view.at + steps[event.key]);
    else if (event.key === "Home") goTo(0);
    else if (event.key === "End") goTo(view.rows.length - 1);
    else if ((event.key === "Enter" || event.key === " ") && view.rows[view.at]) {
      show(view.rows[view.at]);
      $("detail").focus();
    } else return;
    event.preventDefault();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !$("detail").hidden) hide();
    else if (event.key === "/" && !/^(INPUT|SELECT)$/.test(document.activeElement.tagName)) {
      event.preventDefault();
      $("search").focus();
    }
  });
  // Paper has no scroller: what is listed goes onto it as a table, with what fails and what is unknown by name.
  const named = (server, letter) => [...server.cells.matchAll(letter)]
    .map(({ index }) => `${data.features[index][1]} ${data.features[index][2]}`).join(", ");
  const failing = (server) => {
    const cell = make("td");
    for (const letter of LETTERS.fail) {
      const names = named(server, letter);
      if (!names) continue;
      const line = make("div");
      line.append(make("b", "", KINDS[letter][2] || "fails"), ` ${names}`);
      cell.append(line);
    }
    return cell;
  };
  window.addEventListener("beforeprint", () => {
    const table = make("table", "plain servers");
    const head = make("tr");
    for (const title of ["Server", "Score", "Fails", "Unknown"]) {
      head.append(make("th", title === "Score" ? "n" : "", title));
    }
    const body = make("tbody");
    for (const server of view.rows) {
      const row = make("tr");
      const name = make("th", "", server.name);
      name.append(make("div", "soft", [server.subscription, server.group, server.region, server.version].filter(Boolean).join(" · ")));
      row.append(name, make("td", "n", server.score < 0 ? "–" : String(server.score)), failing(server), make("td", "", named(server, "u")));
      body.append(row);
    }
    const top = make("thead");
    top.append(head);
    table.append(top, body);
    $("printed").replaceChildren(make("h2", "", `Servers: ${$("count").textContent}`), table);
    $("printed").hidden = false;
  });
  window.addEventListener("afterprint", () => { $("printed").replaceChildren(); $("printed").hidden = true; });
  $("reset").addEventListener("click", () => {
    for (const id of ["search", "verdict", "severity", "feature", "subscription"]) $(id).value = "";
    filter();
  });
  $("explore").hidden = false;
  filter();
})();
