// Reports with plausible-client as a program does: node client.mjs <host of the API> <domain>
import { createRequire } from "node:module";

const { Plausible } = createRequire(import.meta.url)("plausible-client");
const [apiHost, domain] = process.argv.slice(2);
const plausible = new Plausible({ apiHost, domain });
const url = `https://${domain}/from-node/`;

await plausible.sendEvent("pageview", { url });
await plausible.sendEvent("Order", { url, props: { plan: "pro", seats: 3, note: null }, revenue: { currency: "EUR", amount: 19.9 } });
try {
  await plausible.sendEvent("pageview", { url: "" });
  console.log("taken");
} catch (error) {
  console.log(`refused: ${error.message}`);
}
