// Ready-made pictures, drawn here: what a resident might photograph. JPEG as base64.

const WIDTH = 640;
const HEIGHT = 480;

/** A street at night whose lamp is broken. */
export function drawLamp(when) {
  return drawn(when, (pen) => {
    street(pen, "#16233d", "#26324a");
    windows(pen);
    line(pen, "#8b93a3", 8, [[330, 400], [330, 130], [400, 130]]);
    pen.fillStyle = "#5b6475";
    pen.fillRect(385, 128, 44, 14);
    line(pen, "#e2574c", 7, [[392, 150], [424, 182]]);
    line(pen, "#e2574c", 7, [[424, 150], [392, 182]]);
  });
}

/** A hole in the road by day. */
export function drawPothole(when) {
  return drawn(when, (pen) => {
    street(pen, "#a9cbe8", "#7b7f86");
    pen.fillStyle = "#3b3d42";
    pen.beginPath();
    pen.ellipse(330, 420, 110, 32, 0, 0, Math.PI * 2);
    pen.fill();
    line(pen, "#e08b2d", 14, [[250, 380], [272, 300], [294, 380]]);
    line(pen, "#fff", 8, [[260, 350], [284, 350]]);
  });
}

function street(pen, sky, ground) {
  pen.fillStyle = sky;
  pen.fillRect(0, 0, WIDTH, HEIGHT);
  pen.fillStyle = ground;
  pen.fillRect(0, 360, WIDTH, HEIGHT - 360);
  pen.fillStyle = "#3a4966";
  pen.fillRect(30, 150, 210, 210);
  pen.fillStyle = "#465775";
  pen.fillRect(460, 90, 160, 270);
}

function windows(pen) {
  pen.fillStyle = "#f4d58a";
  for (const [x, y] of [[55, 180], [120, 180], [185, 250], [490, 120], [550, 200], [490, 280]]) {
    pen.fillRect(x, y, 30, 36);
  }
}

function line(pen, colour, width, points) {
  pen.strokeStyle = colour;
  pen.lineWidth = width;
  pen.lineCap = pen.lineJoin = "round";
  pen.beginPath();
  for (const [x, y] of points) pen.lineTo(x, y);
  pen.stroke();
}

function drawn(when, paint) {
  const canvas = document.createElement("canvas");
  canvas.width = WIDTH;
  canvas.height = HEIGHT;
  const pen = canvas.getContext("2d");
  paint(pen);
  pen.fillStyle = "#ffffffcc";
  pen.font = "20px monospace";
  pen.fillText(when.toISOString().slice(0, 16).replace("T", " "), 14, HEIGHT - 14);
  return canvas.toDataURL("image/jpeg", 0.85);
}
