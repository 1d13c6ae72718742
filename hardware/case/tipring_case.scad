// A case for a Raspberry Pi 3B/4B/5 (or Zero, with pi = "zero") with the Tipring HAT on top.
// Print `part = "base"` and `part = "lid"` flat, without supports; 0.2 mm layers, 3 walls.
// Millimetres; the board's outline, holes and connectors come in by -D from the board's own source.

part = "both";            // base, lid, both
pi = "b";                 // "b": 85 x 56 mm board; "zero": 65 x 30 mm
wall = 2.0;
gap = 0.6;                // round the boards
floor_z = 2.0;
standoff = 4.0;           // under the Pi: room for its soldering
pi_thick = 1.4;
hat_over_pi = 11.0;       // spacer between the boards
hat_thick = 1.6;
above_hat = 18.5;         // the transformer and the RJ11 socket, and air
lid_z = 2.0;

hat_w = 65; hat_h = 56.5; // from hardware/board/geometry.py
hole = 3.5;
jack_x = 16.5; jack_w = 15.6;      // RJ11, along the edge opposite the header
term_x = 31.4; term_w = 11.4;      // screw terminal
button = [5.6, 11.0];
lamps = [[2.6, 16.2], [2.6, 18.6], [2.6, 21.0]];

board_w = pi == "b" ? 85 : 65;
inner_w = board_w + 2 * gap;
inner_h = hat_h + 2 * gap;
pi_top = floor_z + standoff + pi_thick;
hat_top = pi_top + hat_over_pi + hat_thick;
inner_z = hat_top + above_hat;

module shell(height) {
  difference() {
    translate([-wall, -wall, 0]) rounded(inner_w + 2 * wall, inner_h + 2 * wall, height, 4);
    translate([0, 0, floor_z]) rounded(inner_w, inner_h, height, 2);
  }
}

module rounded(w, h, z, r) {
  linear_extrude(z) offset(r) offset(-r) square([w, h]);
}

// Board coordinates (y down from the header's edge) to the case's (y up).
function at(x, y) = [gap + x, gap + hat_h - y];

module posts() {
  for (x = [hole, hat_w - hole]) for (y = [hole, pi == "b" ? 52.5 : 26.5])
    translate(concat(at(x, y), [0]))
      difference() {
        cylinder(d = 6, h = floor_z + standoff, $fn = 32);
        translate([0, 0, floor_z]) cylinder(d = 2.2, h = standoff + 1, $fn = 24);
      }
}

module openings() {
  // Line sockets, above the Pi's own connectors, in the long wall opposite the header.
  translate([gap + jack_x, -wall - 1, hat_top - 0.5]) cube([jack_w, wall + 2 + gap, 14]);
  translate([gap + term_x, -wall - 1, hat_top - 0.5]) cube([term_w, wall + 2 + gap, 11]);
  // Power and HDMI side of the Pi.
  translate([gap + 5, -wall - 1, pi_top - 1.5]) cube([52, wall + 2 + gap, 7.5]);
  // SD card.
  translate([-wall - 1, gap + hat_h / 2 - 8, floor_z + 0.5]) cube([wall + 2 + gap, 16, 5]);
  // USB and network.
  if (pi == "b")
    translate([inner_w - 1, gap + 1, pi_top - 0.5]) cube([wall + 2, hat_h - 2, 17]);
}

module vents() {
  for (x = [12 : 6 : board_w - 10])
    translate([x, inner_h - 1, pi_top + 3]) cube([2, wall + 2, 6]);
}

module base() {
  difference() { union() { shell(inner_z); posts(); } openings(); vents(); }
}

module lid() {
  difference() {
    union() {
      translate([-wall, -wall, 0]) rounded(inner_w + 2 * wall, inner_h + 2 * wall, lid_z, 4);
      // A rim that grips inside the walls.
      translate([0.15, 0.15, 0]) difference() {
        rounded(inner_w - 0.3, inner_h - 0.3, lid_z + 4, 2);
        translate([1.6, 1.6, -1]) rounded(inner_w - 3.5, inner_h - 3.5, lid_z + 6, 2);
      }
    }
    // The lid is printed upside down: x as it is, y mirrored.
    translate([at(button[0], button[1])[0], inner_h - at(button[0], button[1])[1], -1])
      cylinder(d = 5, h = 20, $fn = 32);
    for (lamp = lamps)
      translate([at(lamp[0], lamp[1])[0], inner_h - at(lamp[0], lamp[1])[1], -1])
        cylinder(d = 1.8, h = 20, $fn = 24);
    // The warning is cut into the outside.
    translate([inner_w / 2, inner_h - 12, -0.01]) mirror([0, 1, 0]) rotate([0, 0, 0])
      linear_extrude(0.5) text("TIPRING", size = 9, halign = "center", valign = "center");
    translate([inner_w / 2, inner_h - 24, -0.01]) mirror([0, 1, 0])
      linear_extrude(0.5)
        text("unplug the line before opening", size = 3.6, halign = "center", valign = "center");
  }
}

if (part == "base" || part == "both") base();
if (part == "lid") lid();
if (part == "both") translate([0, inner_h + 3 * wall + 8, 0]) lid();
