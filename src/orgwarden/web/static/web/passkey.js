/* Passkeys: hands the server's question to the browser and the browser's answer to the form. */
(() => {
  "use strict";
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const listed = (list) => (list || []).map((item) => ({ ...item, id: bytes(item.id) }));

  const create = async (asked, alone) => {
    const selection = { ...asked.authenticatorSelection };
    if (alone) Object.assign(selection, { residentKey: "required", requireResidentKey: true, userVerification: "required" });
    const made = await navigator.credentials.create({ publicKey: {
      ...asked,
      challenge: bytes(asked.challenge),
      user: { ...asked.user, id: bytes(asked.user.id) },
      excludeCredentials: listed(asked.excludeCredentials),
      authenticatorSelection: selection,
    } });
    return { made, response: { attestationObject: text(made.response.attestationObject) } };
  };
  const get = async (asked) => {
    const made = await navigator.credentials.get({ publicKey: {
      ...asked, challenge: bytes(asked.challenge), allowCredentials: listed(asked.allowCredentials),
    } });
    const { authenticatorData, signature, userHandle } = made.response;
    return { made, response: {
      authenticatorData: text(authenticatorData), signature: text(signature), userHandle: userHandle ? text(userHandle) : null,
    } };
  };
  const question = async (form) => {
    if (!form.dataset.ask) return JSON.parse(form.dataset.options);
    const answer = await fetch(form.dataset.ask, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error("unreachable");
    return (await answer.json()).request_options;
  };

  document.querySelectorAll("form[data-passkey]").forEach((form) => {
    if (!window.PublicKeyCredential) {
      if (!form.hidden) form.querySelector("button[type=submit]").disabled = true;
      return;
    }
    form.hidden = false;
    const trouble = form.querySelector("[data-passkey-trouble]");
    form.addEventListener("submit", async (event) => {
      if (form.elements.credential.value) return;
      event.preventDefault();
      trouble.hidden = true;
      try {
        const asked = (await question(form)).publicKey;
        const alone = form.querySelector("[data-passkey-alone]");
        const { made, response } = form.dataset.passkey === "create" ? await create(asked, alone && alone.checked) : await get(asked);
        form.elements.credential.value = JSON.stringify({
          id: made.id, rawId: text(made.rawId), type: made.type,
          response: { clientDataJSON: text(made.response.clientDataJSON), ...response },
          clientExtensionResults: made.getClientExtensionResults(),
        });
        form.submit();
      } catch (error) {
        trouble.hidden = false;
        trouble.querySelector("p").textContent = error.message === "unreachable"
          ? "Orgwarden does not answer. Try again."
          : "The passkey was not used: the browser gave none, or it was cancelled.";
      }
    });
  });
})();
