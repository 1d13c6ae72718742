/* What spandsp's DTMF receiver hears in files of signed 16-bit samples at 8 kHz.
 *
 * spandsp_dtmf TIMES FILE... : a line for each file, processor seconds of one pass and the digits.
 * The receiver keeps its defaults. It is fed 20 ms at a time, as a telephone exchange would.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <spandsp.h>

enum { PERIOD = 160 };

static void hear(const int16_t *samples, long count, FILE *out)
{
    char digits[129];
    dtmf_rx_state_t *receiver = dtmf_rx_init(NULL, NULL, NULL);

    for (long at = 0; at < count; at += PERIOD) {
        int length = count - at < PERIOD ? (int)(count - at) : PERIOD;
        dtmf_rx(receiver, samples + at, length);
        size_t got = dtmf_rx_get(receiver, digits, 128);
        if (out != NULL)
            fwrite(digits, 1, got, out);
    }
    dtmf_rx_free(receiver);
}

int main(int argc, char **argv)
{
    int times = argc > 2 ? atoi(argv[1]) : 0;

    if (times < 1) {
        fprintf(stderr, "usage: spandsp_dtmf TIMES FILE...\n");
        return 2;
    }
    for (int number = 2; number < argc; number++) {
        FILE *file = fopen(argv[number], "rb");
        if (file == NULL) {
            perror(argv[number]);
            return 1;
        }
        fseek(file, 0, SEEK_END);
        long count = ftell(file) / (long)sizeof(int16_t);
        rewind(file);
        int16_t *samples = malloc((size_t)count * sizeof(int16_t) + 1);
        if (samples == NULL || fread(samples, sizeof(int16_t), (size_t)count, file) != (size_t)count) {
            fprintf(stderr, "%s: cannot be read\n", argv[number]);
            return 1;
        }
        fclose(file);
        clock_t began = clock();
        for (int pass = 0; pass < times; pass++)
            hear(samples, count, NULL);
        printf("%.9f ", (double)(clock() - began) / CLOCKS_PER_SEC / times);
        hear(samples, count, stdout);
        printf("\n");
        free(samples);
    }
    return 0;
}
