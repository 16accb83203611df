/* The form that adds a tenant: choosing an environment turns the address into one of its kind, and
   the org's own label alone is completed. The server does the same for who has no script. */
(() => {
  "use strict";
  const url = document.getElementById("a-url");
  if (!url) return;
  const kinds = document.querySelectorAll('input[name="environment"]');
  const chosen = () => [...kinds].find((k) => k.checked)?.value;
  const tail = { production: ".my.salesforce.com", sandbox: ".sandbox.my.salesforce.com" };
  const hint = { production: "acme.my.salesforce.com", sandbox: "acme--uat.sandbox.my.salesforce.com" };

  const fit = () => {
    const kind = chosen();
    if (!kind) return;
    url.placeholder = hint[kind];
    const typed = url.value.trim().replace(/^https:\/\//, "").replace(/\/.*$/, "");
    if (/^[a-z0-9][a-z0-9-]*$/i.test(typed)) { url.value = typed.toLowerCase() + tail[kind]; return; }
    const own = typed.match(/^([a-z0-9-]+?)(--[a-z0-9]+)?(\.sandbox)?\.my\.salesforce\.com$/i);
    if (!own) return;
    if (kind === "sandbox" && !own[2]) {
      url.value = `${own[1]}--${tail.sandbox}`;
      url.focus();
      url.setSelectionRange(own[1].length + 2, own[1].length + 2); // where the sandbox's name goes
    } else if (kind === "production" && own[2] !== undefined) url.value = own[1] + tail.production;
  };
  kinds.forEach((k) => k.addEventListener("change", fit));
  url.addEventListener("blur", () => { if (/^[a-z0-9][a-z0-9-]*$/i.test(url.value.trim())) fit(); });
  if (chosen()) url.placeholder = hint[chosen()];
})();
