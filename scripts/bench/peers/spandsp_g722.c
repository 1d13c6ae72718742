/* Decodes a G.722 file to standard output: signed 16-bit samples at 16 kHz. */
#include <stdint.h>
#include <stdio.h>

#include <spandsp.h>

int main(int argc, char **argv)
{
    uint8_t coded[4096];
    int16_t samples[8192];
    size_t count;
    FILE *file = argc == 2 ? fopen(argv[1], "rb") : NULL;

    if (file == NULL) {
        fprintf(stderr, "usage: spandsp_g722 FILE\n");
        return 2;
    }
    g722_decode_state_t *decoder = g722_decode_init(NULL, 64000, 0);
    while ((count = fread(coded, 1, sizeof coded, file)) > 0) {
        int made = g722_decode(decoder, samples, coded, (int)count);
        fwrite(samples, 2, (size_t)made, stdout);
    }
    fclose(file);
    return 0;
}
