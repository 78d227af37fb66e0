// SPDX-License-Identifier: GPL-2.0-or-later
// An operator's private key, held by this browser: it signs here, is never sent, and cannot be
// taken out again. lib/order/order.h says what is signed.

const STORE = "keys";
const NAME = "operator";
const LIFE_S = 30;

/* Ed25519 in WebCrypto, which needs TLS or the loopback. */
export async function canSign() {
  try {
    await crypto.subtle.generateKey({ name: "Ed25519" }, false, ["sign", "verify"]);
    return true;
  } catch {
    return false;
  }
}

function transaction(mode, work) {
  return new Promise((resolve, reject) => {
    const open = indexedDB.open("ktach", 1);
    open.onupgradeneeded = () => open.result.createObjectStore(STORE);
    open.onerror = () => reject(open.error);
    open.onsuccess = () => {
      const request = work(open.result.transaction(STORE, mode).objectStore(STORE));
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    };
  });
}

const hex = (bytes) => [...new Uint8Array(bytes)].map((b) => b.toString(16).padStart(2, "0")).join("");
const bytesOf = (base64) => Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));

/* What 'ktach-collector key --ed25519' writes. */
export async function keepKey(pem) {
  const body = /-----BEGIN PRIVATE KEY-----([^-]*)-----END/.exec(pem)?.[1];
  if (!body)
    throw new Error("expected a private key in PEM");
  const der = bytesOf(body.replace(/\s/g, ""));
  const open = await crypto.subtle.importKey("pkcs8", der, { name: "Ed25519" }, true, ["sign"]);
  const { x } = await crypto.subtle.exportKey("jwk", open);
  const sealed = await crypto.subtle.importKey("pkcs8", der, { name: "Ed25519" }, false, ["sign"]);
  const key = { sealed, open: hex(bytesOf(x.replaceAll("-", "+").replaceAll("_", "/"))) };
  await transaction("readwrite", (store) => store.put(key, NAME));
}

export const heldKey = () => transaction("readonly", (store) => store.get(NAME)).catch(() => undefined);
export const forgetKey = () => transaction("readwrite", (store) => store.delete(NAME));

/* The order of one agent of a node, signed. */
export async function signOrder(key, node, agent, verb) {
  const now = Date.now();
  const text = `ktach-order 1\nnode ${node}\nagent ${agent}\nverb ${verb}\nsigned ${now}000\nexpires ${Math.floor(now / 1000) + LIFE_S}\n` +
    `nonce ${hex(crypto.getRandomValues(new Uint8Array(16)))}\nkey ${key.open}\n`;
  const signature = await crypto.subtle.sign({ name: "Ed25519" }, key.sealed, new TextEncoder().encode(text));
  return `${text}signature ${hex(signature)}\n`;
}
