/* What spandsp's caller-ID receiver hears in a file of signed 16-bit samples at 8 kHz.
 *
 * spandsp_adsi class|clip|jclip TIMES FILE : each message in hex, a line each (those of the last
 * pass), then "seconds" and the processor seconds of the fastest pass. 20 ms are fed at a time.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <spandsp.h>

enum { PERIOD = 160 };

static int printing;

static void told(void *user, const uint8_t *message, int length)
{
    (void)user;
    if (!printing)
        return;
    for (int at = 0; at < length; at++)
        printf("%02x", message[at]);
    printf("\n");
}

static double processor_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "usage: spandsp_adsi class|clip|jclip TIMES FILE\n");
        return 2;
    }
    int standard = strcmp(argv[1], "class") == 0 ? ADSI_STANDARD_CLASS
                 : strcmp(argv[1], "clip") == 0  ? ADSI_STANDARD_CLIP
                                                 : ADSI_STANDARD_JCLIP;
    int times = atoi(argv[2]);
    FILE *file = fopen(argv[3], "rb");
    if (file == NULL || times < 1) {
        perror(argv[3]);
        return 1;
    }
    fseek(file, 0, SEEK_END);
    long count = ftell(file) / 2;
    rewind(file);
    int16_t *samples = malloc((size_t)count * 2 + 2);
    if (samples == NULL || fread(samples, 2, (size_t)count, file) != (size_t)count)
        return 1;
    fclose(file);
    double best = 1e9;
    for (int pass = 1; pass <= times; pass++) {
        printing = pass == times;
        adsi_rx_state_t *receiver = adsi_rx_init(NULL, standard, told, NULL);
        double began = processor_seconds();
        for (long at = 0; at < count; at += PERIOD)
            adsi_rx(receiver, samples + at, count - at < PERIOD ? (int)(count - at) : PERIOD);
        double spent = processor_seconds() - began;
        if (spent < best)
            best = spent;
        adsi_rx_free(receiver);
    }
    printf("seconds %.6f\n", best);
    free(samples);
    return 0;
}
