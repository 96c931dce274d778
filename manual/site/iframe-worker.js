// Search without a server. A browser starts no worker for a page opened from a folder (file://), so the search
// runs in a hidden frame instead, behind the same door as a worker. The theme asks for a class of this name
// (IFrameWorker) to know of it; elsewhere this does nothing.
if (location.protocol === "file:") {
  window.IFrameWorker = class IFrameWorker extends EventTarget {
    constructor(url) {
      super()
      const frame = document.createElement("iframe")
      frame.hidden = true
      frame.setAttribute("aria-hidden", "true")
      document.body.appendChild(frame)
      this.frame = frame
      const inside = frame.contentWindow
      inside.document.open()
      inside.document.write("<!doctype html><title>search</title><body></body>")
      inside.document.close()
      inside.postMessage = data => {
        const said = new MessageEvent("message", { data })
        this.dispatchEvent(said)
        if (this.onmessage) this.onmessage(said)
      }
      inside.importScripts = (...urls) => urls.reduce(
        (before, one) => before.then(() => load(inside, one)), Promise.resolve()
      )
      this.ready = load(inside, url)
    }
    postMessage(data) {
      this.ready.then(() => {
        this.frame.contentWindow.dispatchEvent(new MessageEvent("message", { data }))
      })
    }
    terminate() { this.frame.remove() }
  }
  window.Worker = window.IFrameWorker
}

function load(inside, url) {
  return new Promise((done, failed) => {
    const script = inside.document.createElement("script")
    script.src = url
    script.onload = done
    script.onerror = () => failed(new Error(`not found: ${url}`))
    inside.document.body.appendChild(script)
  })
}
