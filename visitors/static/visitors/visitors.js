// The tracker: engaged time, scroll depth, outbound links, downloads. No cookies, no ids, nothing stored.
(function (w, d, n, l) {
  var s = d.currentScript, o = s.dataset;
  if (n.doNotTrack == 1 || n.globalPrivacyControl || /va_optout=1/.test(d.cookie) || (n.webdriver && !o.webdriver)) return;
  var url, path, engaged, since, depth, sent, tz;
  try { tz = Intl.DateTimeFormat().resolvedOptions().timeZone } catch (e) {}

  function post(name, more) {
    var body = JSON.stringify(Object.assign({ n: name, u: url, d: o.domain, tz: tz }, more));
    // A browser that does not know `keepalive` drops what a leaving page fetches (Firefox before 133).
    if (w.Request && "keepalive" in Request.prototype) {
      fetch(o.api, { method: "POST", body: body, keepalive: true, headers: { "Content-Type": "text/plain" } }).catch(function () {})
    } else n.sendBeacon && n.sendBeacon(o.api, body)
  }
  function active() { return d.visibilityState == "visible" && d.hasFocus() }
  function tick() {
    var now = performance.now();
    if (since) engaged += now - since;
    since = active() ? now : 0
  }
  function scroll() {
    var e = d.documentElement;
    depth = Math.max(depth, Math.min(100, Math.round((w.scrollY + w.innerHeight) / e.scrollHeight * 100)) || 0)
  }
  function flush() {
    tick();
    if (url && (engaged >= 1e3 || depth > sent)) {
      post("engagement", { e: Math.round(engaged), sd: sent = depth });
      engaged = 0
    }
  }
  // `s` hands back the server's word for a page that it sent ahead of its reader, and so did not count.
  function view() {
    var seen = url ? void 0 : o.seen;
    if (url) flush();
    path = l.pathname;
    url = l.origin + path + l.search;
    engaged = since = depth = 0; sent = -1;
    tick(); scroll();
    post("pageview", { r: d.referrer, s: seen })
  }
  function moved() { if (l.pathname != path) view() }
  function event(name, props) { url && post(name, { p: props }) }
  ["pushState", "replaceState"].forEach(function (method) {
    var original = history[method];
    history[method] = function () { original.apply(this, arguments); moved() }
  });
  function on(target, type, act) { target.addEventListener(type, act, true) }
  on(w, "popstate", moved);
  on(w, "pageshow", function (e) { e.persisted && view() });
  on(w, "focus", tick); on(w, "blur", tick); on(w, "pagehide", function () { flush(); since = 0 }); on(w, "scroll", scroll);
  on(d, "visibilitychange", function () { d.visibilityState == "hidden" ? flush() : tick() });
  function click(e) {
    var a = e.target.closest && e.target.closest("a[href]");
    if (!a || !/^http/.test(a.protocol) || e.button > 1) return;
    if (a.host != l.host) event("Outbound Link: Click", { url: a.href });
    else if (/\.(pdf|docx?|xlsx?|pptx?|csv|zip|gz|7z|dmg|exe|mp4|vcf)$/i.test(a.pathname)) event("File Download", { url: a.href })
  }
  on(d, "click", click); on(d, "auxclick", click);
  w.visitors = event;
  if (d.prerendering) on(d, "prerenderingchange", view); else view()
})(window, document, navigator, location);
