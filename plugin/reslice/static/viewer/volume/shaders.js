/** The programs that look through a volume. Places are texture coordinates, along a ray counted in mm. */

export const VERTEX = `
in vec3 position;
void main() { gl_Position = vec4(position.xy, 0.0, 1.0); }
`;

const COMMON = `
precision highp float;
precision highp int;
precision highp sampler2D;
precision highp sampler3D;

uniform sampler3D voxels;
uniform sampler3D blocks;
uniform sampler2D colours;
uniform vec3 grid;      // voxels along each axis
uniform vec3 corner;    // of the picture's upper left corner, halfway through the volume
uniform vec3 right;     // to the next pixel of a row
uniform vec3 down;      // to the next row
uniform vec3 away;      // 1 mm away from the viewer
uniform float rows;     // of the picture
uniform float pace;     // mm from sample to sample
uniform vec3 ground;    // what lies behind

out vec4 colour;

const float SIDE = 8.0;
const int MOST_SAMPLES = 4096;

vec2 reach(vec3 start) {
  vec3 one = (vec3(0.0) - start) / away, other = (vec3(1.0) - start) / away;
  vec3 near = min(one, other), far = max(one, other);
  return vec2(max(near.x, max(near.y, near.z)), min(far.x, min(far.y, far.z)));
}

// Samples of neighbouring rays begin at other depths: steps show as fine grain, not as rings.
float chance(vec2 pixel) {
  return fract(52.9829189 * fract(dot(pixel, vec2(0.06711056, 0.00583715))));
}

float valueAt(vec3 place) { return texture(voxels, place).r; }

float blockAt(vec3 place, vec3 scale, out vec3 cell) {
  cell = clamp(floor(place * scale), vec3(0.0), vec3(textureSize(blocks, 0) - 1));
  return texelFetch(blocks, ivec3(cell), 0).r;
}

// How many samples further a ray has left a block, at least one.
float samplesThrough(vec3 cell, vec3 scale, vec3 place) {
  vec3 exits = ((cell + step(vec3(0.0), away)) / scale - place) / away;
  return max(1.0, ceil(min(exits.x, min(exits.y, exits.z)) / pace));
}

vec3 startOf(vec2 pixel) { return corner + pixel.x * right + pixel.y * down; }
vec2 pixelHere() { return vec2(gl_FragCoord.x, rows - gl_FragCoord.y); }
`;

export const PROJECTION = `${COMMON}
void main() {
  vec2 pixel = pixelHere();
  vec3 start = startOf(pixel), scale = grid / SIDE, cell;
  vec2 ends = reach(start);
  float most = 0.0, at = ends.x + pace * 0.5;
  for (int k = 0; k < MOST_SAMPLES && at <= ends.y; k++) {
    vec3 place = start + at * away;
    if (blockAt(place, scale, cell) <= most) {
      at += pace * samplesThrough(cell, scale, place);
      continue;
    }
    most = max(most, valueAt(place));
    at += pace;
  }
  int last = textureSize(colours, 0).x - 1;
  int entry = int(most * float(last) + 0.5);
  colour = vec4(most > 0.0 ? texelFetch(colours, ivec2(entry, 0), 0).rgb : ground, 1.0);
}
`;

export const BODY = `${COMMON}
uniform mat3 perMm;     // from a rise with each voxel index to one with each mm of LPS
uniform vec3 direction; // away from the viewer in LPS
uniform vec4 light;     // ambient, diffuse, specular, power
uniform float calm;
uniform float least;    // below which nothing hides anything

const float NOTHING = 1.0 / 128.0;

vec2 litAt(vec3 place) {
  vec3 voxel = 1.0 / grid;
  vec3 rise = perMm * vec3(
    valueAt(place + vec3(voxel.x, 0.0, 0.0)) - valueAt(place - vec3(voxel.x, 0.0, 0.0)),
    valueAt(place + vec3(0.0, voxel.y, 0.0)) - valueAt(place - vec3(0.0, voxel.y, 0.0)),
    valueAt(place + vec3(0.0, 0.0, voxel.z)) - valueAt(place - vec3(0.0, 0.0, voxel.z))) * 0.5;
  float square = dot(rise, rise);
  if (square < 1e-12) return vec2(light.x + light.y, 0.0);
  float facing = min(1.0, abs(dot(rise, direction)) * inversesqrt(square));
  facing = 1.0 - (1.0 - facing) * square / (square + calm * calm);
  return vec2(light.x + light.y * facing, light.z * pow(facing, light.w));
}

// What a segment between two values hides (a), and its colour: integrated between the values, so that thin shells are whole.
vec4 segment(float near, float far) {
  float last = float(textureSize(colours, 0).x - 1);
  int low = int(min(near, far) * last + 0.5), high = int(max(near, far) * last + 0.5);
  if (low == high) {
    vec4 entry = texelFetch(colours, ivec2(low, 0), 0);
    return vec4(entry.rgb, 1.0 - exp(-entry.a * pace));
  }
  vec4 total = texelFetch(colours, ivec2(high, 1), 0) - texelFetch(colours, ivec2(low, 1), 0);
  if (total.a <= 0.0) return vec4(0.0);
  return vec4(total.rgb / total.a, 1.0 - exp(-total.a / float(high - low) * pace));
}

void main() {
  vec2 pixel = pixelHere();
  vec3 start = startOf(pixel), scale = grid / SIDE, cell, sum = vec3(0.0);
  vec2 ends = reach(start);
  float through = 1.0, at = ends.x + pace * chance(floor(pixel)), before = -1.0;
  for (int k = 0; k < MOST_SAMPLES && at <= ends.y; k++) {
    vec3 place = start + at * away;
    if (blockAt(place, scale, cell) == 0.0) {
      at += pace * samplesThrough(cell, scale, place);
      before = -1.0;
      continue;
    }
    float value = valueAt(place);
    if (before < 0.0) before = at - pace >= ends.x ? valueAt(place - pace * away) : value;
    vec4 found = max(before, value) < least ? vec4(0.0) : segment(before, value);
    if (found.a > 0.0) {
      vec2 lit = litAt(place - 0.5 * pace * away);
      sum += through * found.a * min(found.rgb * lit.x + lit.y, vec3(1.0));
      through *= 1.0 - found.a;
      if (through < NOTHING) break;
    }
    before = value;
    at += pace;
  }
  colour = vec4(sum + through * ground, 1.0);
}
`;
