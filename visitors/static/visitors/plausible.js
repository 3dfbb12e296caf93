// For pages with a script tag made for Plausible: the tracker, reporting to /api/event, and window.plausible().
(function (w, d) {
  var s = d.currentScript, o = s.dataset, waiting = (w.plausible && w.plausible.q) || [];
  o.api = o.api || new URL(s.src).origin + "/api/event";
  /* tracker */
  w.plausible = function (name, options) {
    options = options || {};
    function done(result) { options.callback && options.callback(result) }
    // The tracker is silent for a visitor who wishes no record.
    if (!w.visitors) return done();
    fetch(o.api, {
      method: "POST", keepalive: true, headers: { "Content-Type": "text/plain" },
      body: JSON.stringify({
        n: name, u: options.u || options.url || location.href, d: o.domain, r: d.referrer || null,
        p: options.props, $: options.revenue, i: options.interactive
      })
    }).then(function (answer) { done({ status: answer.status }) }, function (error) { done({ error: error }) })
  };
  w.plausible.l = true;
  waiting.forEach(function (call) { w.plausible.apply(w, call) })
})(window, document);
