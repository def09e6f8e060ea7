// A box to sign in with finger, pen or mouse. Without it the typed name counts.
(function () {
    const canvas = document.getElementById("signature_box");
    const input = document.getElementById("signature");
    if (!canvas || !canvas.getContext) {
        return;
    }
    const pen = canvas.getContext("2d");
    let last = null;
    canvas.hidden = false;
    pen.lineWidth = 2;
    pen.lineCap = "round";

    function place(event) {
        const box = canvas.getBoundingClientRect();
        return {
            x: ((event.clientX - box.left) * canvas.width) / box.width,
            y: ((event.clientY - box.top) * canvas.height) / box.height,
        };
    }
    canvas.addEventListener("pointerdown", function (event) {
        last = place(event);
        event.preventDefault();
    });
    canvas.addEventListener("pointermove", function (event) {
        if (!last) {
            return;
        }
        const next = place(event);
        pen.beginPath();
        pen.moveTo(last.x, last.y);
        pen.lineTo(next.x, next.y);
        pen.stroke();
        last = next;
    });
    window.addEventListener("pointerup", function () {
        if (last) {
            input.value = canvas.toDataURL("image/png");
        }
        last = null;
    });
    const clear = document.getElementById("signature_clear");
    clear.hidden = false;
    clear.addEventListener("click", function () {
        pen.clearRect(0, 0, canvas.width, canvas.height);
        input.value = "";
    });
})();
