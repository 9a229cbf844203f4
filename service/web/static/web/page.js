"use strict";

// One module for the page at /: each form sends one request to the API and shows its answer or its errors.

const byId = (id) => document.getElementById(id);
const count = (number, noun) => `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;
const money = (cents) => (cents / 100).toLocaleString("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const milliseconds = (value) => `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;

/** Send a request; resolve to {ok, status, body, took, work}, also where no server answers. */
async function send(method, path, body) {
  const headers = { Accept: "application/json" };
  const token = byId("token");
  if (token && token.value) headers.Authorization = `Token ${token.value.trim()}`;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const started = performance.now();
  try {
    const response = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
    const answer = await response.json();
    const timing = response.headers.get("Server-Timing") || "";
    const work = /db;dur=([\d.]+);desc="([^"]+)"/.exec(timing);
    return {
      ok: response.ok,
      status: response.status,
      body: answer,
      took: performance.now() - started,
      work: work ? `, of it ${milliseconds(Number(work[1]))} in the database: ${work[2]}` : "",
    };
  } catch {
    return { ok: false, status: 0, body: { detail: "The service gave no answer that could be read." } };
  }
}

function clear(form) {
  for (const place of form.querySelectorAll(".error, .result")) place.textContent = "";
  for (const input of form.querySelectorAll("input")) input.removeAttribute("aria-invalid");
}

/** Move to a field that needs mending, unless the reader has gone on to another form meanwhile. */
function goTo(form, input) {
  const place = document.activeElement;
  if (place === document.body || form.contains(place)) input.focus();
}

/** Show one message at its field, if the form has it, and with the form otherwise. */
function complain(form, name, message) {
  const input = form.elements.namedItem(name);
  if (input) {
    input.setAttribute("aria-invalid", "true");
    byId(`${name}-error`).textContent = message;
    return;
  }
  const place = form.querySelector("[data-error]");
  const label = ["detail", "non_field_errors"].includes(name) ? "" : `${name}: `;
  place.textContent = `${place.textContent} ${label}${message}`.trim();
}

function complainAll(form, { status, body }) {
  for (const [name, messages] of Object.entries(body)) {
    complain(form, name, Array.isArray(messages) ? messages.join(" ") : String(messages));
  }
  const place = form.querySelector("[data-error]");
  if (place.textContent && status) place.textContent += ` (${status})`;
  const wrong = form.querySelector("[aria-invalid]");
  if (wrong) goTo(form, wrong);
}

/** Read the number fields; an empty one is left to the API's default, an unreadable one is the reader's to mend. */
function numbers(form) {
  const values = {};
  for (const input of form.querySelectorAll("input[type=number]")) {
    if (input.validity.badInput) {
      complain(form, input.name, "Enter a number.");
      input.focus();
      return null;
    }
    if (input.value !== "") values[input.name] = Number(input.value);
  }
  return values;
}

/** Run `work` on submit, one at a time, from a clean form; the button stays focusable meanwhile. */
function onSubmit(form, work) {
  const button = form.querySelector("button[type=submit]");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (button.getAttribute("aria-disabled") === "true") return;
    clear(form);
    button.setAttribute("aria-disabled", "true");
    try {
      await work();
    } finally {
      button.removeAttribute("aria-disabled");
    }
  });
}

function cell(text, className) {
  const element = document.createElement("td");
  element.textContent = text;
  if (className) element.className = className;
  return element;
}

function tableRow(row, place, largest) {
  const line = document.createElement("tr");
  const customer = cell(row.email, "email");
  const id = document.createElement("span");
  id.className = "id";
  id.textContent = ` no. ${row.customer_id}`;
  customer.append(id);
  const total = cell(money(row.total_cents), "number total");
  total.style.setProperty("--part", `${largest ? (100 * row.total_cents) / largest : 0}%`);
  line.append(cell(place + 1, "number"), customer, cell(row.order_count, "number"), total);
  return line;
}

async function showSummary() {
  const form = byId("summary");
  const values = numbers(form);
  if (!values) return;
  const query = new URLSearchParams(values).toString();
  const answer = await send("GET", `/api/orders/summary/${query ? `?${query}` : ""}`);
  const table = document.querySelector(".table");
  table.hidden = !(answer.ok && answer.body.rows.length);
  if (!answer.ok) {
    complainAll(form, answer);
    return;
  }
  const rows = answer.body.rows;
  const largest = rows.length ? rows[0].total_cents : 0;
  byId("rows").replaceChildren(...rows.map((row, place) => tableRow(row, place, largest)));
  const found = rows.length ? count(rows.length, "customer") : "No customer has a paid order";
  form.querySelector("[data-result]").textContent = `${found}, in ${milliseconds(answer.took)}${answer.work}.`;
}

/** Bring a summary that is on the screen up to date after a write. */
async function refreshSummary() {
  if (document.querySelector(".table").hidden) return;
  clear(byId("summary"));
  await showSummary();
}

/** Ask before rows are added that nothing here removes again; resolve to the answer. */
function asked(question) {
  const place = byId("seed-ask");
  byId("seed-question").textContent = question;
  place.hidden = false;
  byId("seed-go").focus();
  return new Promise((resolve) => {
    const answered = (answer) => {
      place.hidden = true;
      byId("seed").querySelector("button[type=submit]").focus();
      resolve(answer);
    };
    byId("seed-go").onclick = () => answered(true);
    byId("seed-stop").onclick = () => answered(false);
  });
}

/** The number that a field of the sizes will send; the API's default, which stands in the field, where it is empty. */
const sizeOf = (sizes, name) => sizes[name] ?? Number(byId(name).defaultValue);

async function makeTestData() {
  const form = byId("seed");
  const sizes = numbers(form);
  if (!sizes) return;
  const [each, perOrder] = [sizeOf(sizes, "orders_per_customer"), sizeOf(sizes, "items_per_order")];
  const wanted = sizeOf(sizes, "customers");
  const rows = [count(wanted, "customer"), count(wanted * each, "order"), count(wanted * each * perOrder, "item")];
  const isValid = [...form.querySelectorAll("input")].every((input) => input.validity.valid);
  // What the API will refuse needs no question: its messages stand at the fields.
  if (isValid && !(await asked(`Add ${rows[0]}, ${rows[1]} and ${rows[2]} to this database?`))) return;
  const answer = await send("POST", "/api/dev/seed/", sizes);
  if (!answer.ok) {
    complainAll(form, answer);
    return;
  }
  const { customers, orders, items } = answer.body;
  const made = `${count(customers, "customer")}, ${count(orders, "order")} and ${count(items, "item")}`;
  form.querySelector("[data-result]").textContent = `Made ${made} in ${milliseconds(answer.took)}${answer.work}.`;
  await refreshSummary();
}

async function cancelOrder() {
  const form = byId("cancel");
  const input = byId("order");
  const id = input.value.trim();
  if (!id) {
    complain(form, "order", "Enter the id of an order.");
    input.focus();
    return;
  }
  const answer = await send("POST", `/api/orders/${encodeURIComponent(id)}/cancel/`);
  if (answer.status === 404) {
    complain(form, "order", `There is no order ${id}. (404)`);
    goTo(form, input);
  } else if (!answer.ok) {
    complainAll(form, answer);
  } else {
    const text = `Order ${answer.body.id} is ${answer.body.status}, in ${milliseconds(answer.took)}${answer.work}.`;
    form.querySelector("[data-result]").textContent = text;
    await refreshSummary();
  }
}

async function fillInLatest() {
  const form = byId("cancel");
  clear(form);
  const answer = await send("GET", "/api/orders/?status=paid&page_size=1");
  if (!answer.ok) complainAll(form, answer);
  else if (!answer.body.results.length) complain(form, "order", "There is no paid order.");
  else byId("order").value = answer.body.results[0].id;
  byId("order").focus();
}

if (byId("access")) byId("access").addEventListener("submit", (event) => event.preventDefault());
if (byId("seed")) onSubmit(byId("seed"), makeTestData);
onSubmit(byId("cancel"), cancelOrder);
onSubmit(byId("summary"), showSummary);
byId("latest").addEventListener("click", fillInLatest);
