// Forms that a passkey answers (data-passkey): asks the server for a challenge, the browser for an answer, and sends the
// form with it. A browser without passkeys is not shown the form; one that gives up says so beside the button.
type Sent = Record<string, unknown>;

const decode = (text: string) => {
  const bytes = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(bytes, (character) => character.charCodeAt(0));
};
const encode = (buffer: ArrayBuffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");

interface Asked {
  challenge: string;
  user: PublicKeyCredentialUserEntityJSON;
  excludeCredentials: { id: string; type: "public-key" }[];
}

async function make(asked: Asked): Promise<Sent> {
  const known = asked.excludeCredentials.map((key) => ({ ...key, id: decode(key.id) }));
  const user = { ...asked.user, id: decode(asked.user.id) };
  const options = { ...asked, challenge: decode(asked.challenge), user, excludeCredentials: known };
  const made = await navigator.credentials.create({ publicKey: options as unknown as PublicKeyCredentialCreationOptions });
  const key = made as PublicKeyCredential;
  const response = key.response as AuthenticatorAttestationResponse;
  return {
    ...shared(key),
    response: {
      clientDataJSON: encode(response.clientDataJSON),
      attestationObject: encode(response.attestationObject),
      transports: response.getTransports(),
    },
  };
}

async function use(asked: Asked): Promise<Sent> {
  const options = { ...asked, challenge: decode(asked.challenge), allowCredentials: [] };
  const used = await navigator.credentials.get({ publicKey: options as unknown as PublicKeyCredentialRequestOptions });
  const key = used as PublicKeyCredential;
  const response = key.response as AuthenticatorAssertionResponse;
  return {
    ...shared(key),
    response: {
      clientDataJSON: encode(response.clientDataJSON),
      authenticatorData: encode(response.authenticatorData),
      signature: encode(response.signature),
      userHandle: response.userHandle ? encode(response.userHandle) : null,
    },
  };
}

function shared(key: PublicKeyCredential): Sent {
  return { id: key.id, rawId: encode(key.rawId), type: key.type, clientExtensionResults: {} };
}

async function answer(form: HTMLFormElement): Promise<void> {
  const token = form.querySelector<HTMLInputElement>("[name=csrf_token]");
  const failed = form.querySelector<HTMLElement>("[data-passkey-failed]");
  const field = form.querySelector<HTMLInputElement>("[name=credential]");
  if (!token || !failed || !field) return;
  failed.hidden = true;
  try {
    const headers = { "X-CSRFToken": token.value };
    const response = await fetch(form.dataset.challenge ?? "", { method: "POST", headers });
    const asked = (await response.json()) as Asked;
    field.value = JSON.stringify(await (form.dataset.passkey === "create" ? make(asked) : use(asked)));
    form.submit();
  } catch {
    failed.hidden = false;
  }
}

// Browsers make passkeys for names only, never for the bare number of a machine.
const isOffered = "PublicKeyCredential" in window && !/^[\d.]+$|:/.test(location.hostname);
for (const form of document.querySelectorAll<HTMLFormElement>("form[data-passkey]")) {
  form.hidden = !isOffered;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void answer(form);
  });
}
for (const words of document.querySelectorAll<HTMLElement>("[data-no-passkeys]")) words.hidden = isOffered;
