// Made by test/confusables.ts. © 2025 Unicode®, Inc. SPDX-License-Identifier: Unicode-3.0

/** The version of Unicode's confusables.txt. */
export const confusablesVersion = '17.0.0'

/**
 * What looks alike: a prototype (several characters are joined by +) and the characters that look like it, as numbers
 * in base 36; groups are separated by semicolons.
 */
export const confusables = `\
13q 14d;13s 14e;13t 148;13u 144;1cr 59w 6hn;lv 17d 1rn lx 18v;lw 199;ld 13w 13x 17c 1fr 1uc 18u;lc 1ub;li lo w\
vw 194 196 oe 1tx 1jza;li+lj 1d4 ls 1s1 1vl 22p 269 2dc 2gx 2kh 1inz;le 5ow lt 197 1ke wz4;lm 14f 1cv 4pf 9lm \
18y 29u 37a 4p2 1ibk 2tp 2x9 o6 92i;lk 1rf 1kj;ln 18r 1rk;lf n6 18z;lj 150 1d8 1fk 1re 1fl ns 14p 14q 14y 14x \
1kd 1s2 1z6 22q 2bx;mw mv;mg 59z ma n9;lg 5oy lh 195 1kb wz5 5b6;lg+lg 5bc;lq 5p6;lu 193;nk nr 1rz 1rs;nm 1s0;\
5ae 5ax;5ag 2o6m;ly 5pp;mh 5p8 192;mj 5p1;mr nb;no 1rt;np 1ru;mt mu;ll 9ik;mb 151 1rh 5p9 14k 198 1to 1x8 20s \
24c 27w 1i2y 1io3 1gl6;mc 1ri 5pa;md 307 9il;me mf m9 mx;ml 5p5;mm 5p4;mp 1ua m8;18s 1rl 1rc 1r9;18t 1rm;18w 1\
7e lz;191 19b;19s lp;1fg 1fm;1vn 1z7 2df 2gz 2kj 2o3 37c 1io1;2tk 4p7 2x4;2tl 2x5;2tm 2x6;2tn 2x7;6i1 wvj;19 8\
u3 8u2;19+lj 8tv 8tu;18 wl5;1m 1s3 22r k0 wl9 1kgp;x cj 8y9;1r ic g1 1vh 3vy;1a 2jxp 19c 1dc wl4;1a+18 wl7;1a+\
1a wl6;53 9ob x3j 3zb;53+53+53 8y0;53+1o 404;53+1q 3zr 400;53+1g 46n;53+2q 41q;53+2q+lj 41s;53+2s 41m;53+22 42\
g;53+24 43a;53+28 41i;53+2d 40n;53+2e 3zu;53+g5 3zw;53+pf 432;53+pg 3ym;53+11k 40p;53+3y9 3yk;53+3yc 3yo;53+3y\
d 3yq;53+3ye 3ys;53+3yi 3yv;53+3yj 3yx;53+3zm 3zy;53+3zo 402;53+3zt 406;53+40f 40r;53+40g 40k 40t;53+40h 40v;5\
3+40l 40x;53+40m 40z;53+417 41g;53+41a 41k;53+41c 41o;53+421 42a;53+423 42c;53+424 42e;53+426 42i;53+428 42k;5\
3+429 42m;53+42r 430;53+42u 434;53+42v 436;53+42w 438;53+42z 43c;53+43k 43t;53+43m 4w6;53+43n 4w8;53+43o 4wa;5\
3+43p 4wc;53+43r 43v;53+43s 43x;53+443 44c;53+445 44e;53+446 44g;53+447 44i;53+448 44k;53+44a 44m;53+44b 44o;5\
3+44t 452;53+44v 454;53+44w 456;53+44x 458;53+44y 45a;53+450 45c;53+451 45e;53+45s 45z;53+45t 461;53+45u 463;5\
3+45v 465;53+45w 467;53+45x 469;53+45y 46b;53+46g 46p;53+46h 46r;53+46i 46t;53+46j 46v;53+46l 46x;53+46m 46z;5\
3+477 4we;53+47a 4wf;53+47b 4wg;53+47c 4wh;53+47d 4wi;53+47f 4wj;53+47g 47i;53+47u 47v;53+487 488;53+4vl 4vn;5\
3+4vo 4vq;53+4vs 4vt;53+4w0 4w2;13 16b 2o jd js ju jv jf jh jg ji x3g 15l 1kk 1kl 40a 4i4 20k1 20k2;13+13 y 16\
c je ku 16a;13+1u ap;13+1w ay;13+28 bo;13+2c bw;13+2h c3;7sc 9jj 2zfs;16 1f6n;1b 8uf 8ue 9n2 fgf;2k fg6;12 x2w\
;2m jq;jt+2q ui;jt+2q+2x wup;jz ol;6pu+mt 6o;6pz 1jfs;17 1f2z 2o6h;1o 3zs 4he;1o+53 8tx 8tw 405;1q 3zn 20jj;1q\
+53 401;6sh 8tz;1v5 2mm;9oc x6f 3g3 feo;9oc+ffs 3g4;1yf 1ioh;2g7 2jr;37l 38l;1e x22 br rs wuc 43j;19e xjj 1de;\
1uw 25k 240;1yg 1ioi;2g8 2js;1e+mt cb;2qw+2q7 2qx;2qw+2qb 2r3;1f 1ux 25l x4b f0 c7 x2i 8t8 8uc 8uk t3 yo 20jf \
1jgq;19f 1df;1f+me wo;1g 3wu 1jfz;19g 1dg;1uy 25m;1g+53 46o;1h cc 1jgb;1i 8ur 8uq rw 8v0 tt 3xq 1jh1;19i 1di;1\
yk 1iom;1j 1fiq 1jgm;1k 26b 1yi 222 f7 f6 1f6i;1v2 25q;1l 21z 294 1yl 2nh x2m 8uj 8ui 1jgs 1jfw 1jh2;19l 1uv 1\
jhg 1dl;2gf 2jz;2p gh q9 ts;o3 92u;1t pd sw 3vu 4at wku 20jk 1f34;2p+2p x0z;1t+1t x0y;2p+2t 6e yd;1t+1x 5i yc;\
2p+33 x11;1t+27 x10;2p+39 x13;1t+2d x12;2p+3a x15 x17;1t+2e x14 x16;2p+3d x19;1t+2h x18;5q8 xve;8rz 4as wkv;8s\
0 1fdr;2q as to 3wv 41e 4a7 20fq;1u x4k pe 8si sy 3xw 4c7 wk0 1f2a 1f35 1f5t;2q+lw gj;2q+lj 41f;2q+lg ar aq sx\
;2q+mt ao wd wc v7 v6;2q+53 41r;2q+lj+53 41t;2q+13 420;2q+30 tn;ih 8sj tu 3y4;2r 5qc 8th u9 35w 38a xwv 1fel;o\
8 92l;1v 1jhl 8tg td 3xb wka 1f36 1f5u 1fdh 1fks;2r+mw fw;2r+me x7;1v+me x6;1v+13 av;x3n gr qd 8sp us 101 xwb \
1jgu 1fe1;x3m 8so sk;x1b ot;x1a sf;2s zl 3xj 41b wk2;1w 3vk 4bi 4bu wk3;2s+lw gn;2s+mg gm;2s+lg b0;2s+mt 7l;1w\
+mt 7k 5s ax;x2x x2y;2s+53 41n;2s+13 41z;2s+f1 is;2s+3e ir;2s+i9 it;5qd xv4;61r qc 8v1 12m 48n;2t xte tx xp;o4\
 92v;1x ph t1 8xl 3vw wkw 1jfq 1jfy 1f2e;2t+mw g7;1x+mw g6;2t+mg xr;5qf xvg;d9 gp yh;b2 8xm wkx;d9+ke gq;d9+33\
 5qs;d9+33+mw xtt;d9+33+mt xtu;b3 yg;b4 100 3wr 20j1 1fcx;gs 5qg tz;gs+me wp;gu 1feq;ii x3x 1fe2;2u xth x3t b6\
 61p 138;1y x3s rg 4ac wkd 1jgi 1jfm 1f2f 1f39 1fl1;1y+me b5;2u+ms 5ta;2u+32+mh ix;6k2 4ad wke;x6j 4af;2v gx 5\
tv b1 135;1z zw 3wg 3xv wk6;2v+lw gw;2v+mt dh;1z+mt dg;1z+13 b7;gy zx xw0 3y3;2w xn 12o 3wi;20 pj 8su t9 3wb 4\
8s wkn 1f4f;2w+lw h2 wwl 3xu;20+mh 8rr wy;2w+mt 87 uz;20+mt 86;20+me y1 xz;ik 8sv u5 xvv;ik+mh wz;ik+me y2 y0;\
dy zu;8s6 xvk;8s5 og 3vs 3w0 wxd;x0n x3p;2x 8h h6 h5 qh 8sz uu wuf 136 xv9 3vp 1jgj;2x+mt h4 5tn 5to;2y s3 uw;\
22 x4i ov so 3vv 425 wk9;2y+mt g9;22+mt g8;22+53 42h;fr 12t;5qi xvf;23 pm 8t0 t6 3xi 4id wk7 1fko;2z+lw bd;23+\
mh 8rt wq;23+mt x1c wu;23+13 bc;30 3g 1d 19d 1dd 21 ba cg pl 8sy sm y7 xs 15h 15r 17r 1je 8y7 4ht wky 20iw 1f2\
i 1f61 1kgq 1kgx 20fe;24 8uo 3xa 42y wkh 20ie 1jfn 1jg2 1fdn 1fl2;30+mw 8y;24+mw 8x;30+mg h9;30+mt bb be;30+ms\
 h7;30+191 19v;30+53 43b;30+13 169;30+30 ch 168;30+27 tq;30+37 iy;30+f1 ha;30+3e iz;30+19w 19u;in 8up xwu 1fer\
;25 po sa 8t4 t8 3w7 4c0 4ie wkf 1f3k 1f69;25+me y5;5wf 92g;32 12w 130;26 pp 8t6 wkg 1fkj;32+mg hf;32+mh bi 97\
 qf 12q;26+me bh;32+ms 5tc;hg 8t7;5qm on u0 1ff1;33 2de 2gy 2ki 2o2 1uu 1ye 21y 25i 292 2cm 2g6 2na 2ts 2xc 37\
k 4ps 1iog 19h 1dh 5qn 5qp xtp qn qr 8tb rx u6 3cv 139 15t 18n 1by 1c1 1cl 2lc 36l 1fje 1jgo 1jh3 1fe4;27 1c 1\
j4 2jq 9hj 1jhc pr 8ta ta 11x 8yc 3ps 274 1fia wkz 1jg5 1f2q 1f3f 1fd0 1fkm 1kgw;33+le 1dr;33+mw 6w xtq;27+mw \
60 8xt;33+mt hh x1n 8sx yx vn xvy xx7;27+mt bj x1m qg pk 8sw yw vm 8xd 3we 3xn;33+m3 xv8;27+13 3vo;56+1b+6f4 1\
1;33+2t 9f;27+1x 9e;33+5qf hi;33+33 x1r wwp;27+27 x1q wwo;33+2ls+33 2n3;33+370 3br 368;gk 6mc 5qo or 1fez;au 6\
mb sd wkb 1fdv;gk+mw xtr;gk+2t xuq;hj 1fen;34 72 cf qp s8 8tf 8un u8;28 pt 8te 8um tc 3xe 419 wk1 1f2t;34+lw b\
p;34+mt 5tp;34+53 41j;28+13 41y;5qw 5rd xwy;hk qu 8tn 8v5 8v4 uc;35 10b 12b 12e;29 8yd;35+lw io;gb 5u8;8o 5qj \
qi 8t1 u2 xx2;8o+mh wr;8o+mt wv;36 xtz xu0 5ra 8sl tv xvl;2a bq 3vl 3wy 1fhw 493 wkj 20j9;36+mg hp;36+mh ho;36\
+mt gd wj;36+ms 5te;36+13 wh;36+32 1jhf 31 1j40;36+32+me hd;36+32+ms 5tb;hs xv5 xwi;5qx un;hq+ms 5tf;37 x0x cd\
 ut 2lb xwq 1jgh 1few;2b sl 11r 3x1 3x6 wki 20je 1f2u 1fds;37+mg hu;37+ms 5tg;67 x4l 61q x5i qa 3xs;hv xu5;bt \
pv 8y1;2c pw 8ti te 3vm wk4 20i2 1jgc 1f2v 1f3l 1f6d;38+lw bx;2c+mw fy;2c+mg by;2c+mh x8;38+mt 9z;2c+mt 9y;38+\
ms 5th;x3a 3a8;2c+1f x0o;38+gl iw;38+2u x2v;38+37 iu;38+hv iv;38+f1 x0p;5qz qs 8tj ua xv6;5qz+mh x9;bv 3wf;39 \
x3z 5r0 xu6 xua i3 qt 131 1fjq 1jh4;2d 11p 3k0 1fim 40c wl0 20jm 1jg8;39+mh v3;39+mt 5tq xwc;2d+mt g4 3ws;2d+5\
3 40o;2d+13 413;39+2t 5t7;39+33 xur;hc 12y 3kz;c1 4dq 4dw;i2+mt 5tr;3a 5r4 ql vp 15k 1j46 xwp 1jgg;2e 19j 1dj \
vo 8xk 3x5 3zj wyn wkm 20i0 1jfk 1fkt;2e+53 3zv;i4 5rb 8t3 1fiw;g5 19k 1dk x5m pn t7 8xj 1fhs 3zl wy6 wkl 20jh\
 1f2l;g5+mw x5o;g5+me xx;g5+53 3zx;3b hb 5r5 8u5 v5 ug 10d 129 1j4a 1j4e 1j4f xvn;2f 1jhi 10c 3w3 3x0 wkq;3b+w\
6+w7 vx;3b+lj 1io5;3b+me x29;i5 5ql 8t5 u4 xvr;i5+me y6;3c ud 475 48t;of 92n;2g x4j pz 8to th 8yl 4hj wkr 1f2o\
 1f3o 1f6f 1fl3;2g+mh xe;3d gz 5u4 i7 64f xui qb 8tl ub xb 3c7 1jh8;2h px 8tk tf xa 3vt 3wd wks 20jn 1jfo 1f3m\
;3d+lw c4;3d+mt gf xd;2h+mt ge xc;f1 ia x2j 8ud 8ul yp 3cj;3e 5r6 xw3 1jgk;2i 1jhh pi 3wj wkc 1jft;3e+mg i8;3e\
+mt c6;2i+mt c5;3e+me f9;2i+me f8;3e+ms 5ti;8rw 8st;8rv 8ss;ib 8t9;66 s7 1fic;x5f x5e;x5h x5g;bs 5r8 rt wud;at\
 uk xwf 20gh;at+2x uj;g2 xvi;ip wy5;ig wvc 8yh 1fib;pf 8sk sz 3w1 42t 20hz;pf+mt wi;pf+53 433;pf+13 wg;pg 8sm \
8yo 3yb 20ii 1f2d 1f37;pg+53 3yn;pg+3z4 3zg;rb 8v8;qj x5n 8t2 1fiz;qj+mw bf;pq 8ty;qo 5rc 8td u7 20g1;ps 8tc t\
b wyj 20fa;rc 1f3h 1f6a;sc 8u9;qq rf 8sr;py 8tm tg 11v 3ls 1f3n;qv xub xud 8tp;qw 8tr vl 1fjt;q0 8tq vk 1fip 4\
ig 1f3p;qx x4n 8tt wul;q1 4dr 4dx 1f3q;ty+mh wn;t2+mh wm;t4 om wwx 1fdx;st+me wa;u1+me wb;xv 1fi4;u3 5rf;u3+me\
 xy;ux xuo;wvd 1fjf;92k 5wu;sr 1fil;v4 3wn 4bz;v4+w6+w7 vw;v4+53 4x9;wuk x4m 8ts;uf 25n rp 23u;tj ro;xj y4;xi \
y3;xo+mg xq;tk 8u4;tm+30 wuo;wuw 20ik;8qn xhu;12p 3o4;11k 3mo 40e wl1;11k+53 40q;11k+13 414;11w 8u8;121 jj;17l\
+1hiy 1dp;17s+1cr 1g1;17s+1cy 1py;17s+190 1pd;1a3 1cg;1a8 1hhj;1g4 1pl 1gn;17t 1c3;17u 1a2;17u+li 1q7;1ae+li 1\
q9;17x+1cr 1ad;17x+190 1a9 1gy;17z+179 1ag;17z+1cr 1am 1an;17z+le 1da;17z+mc+mb 1pq;1ai+179 1aj;181+179 1ap;18\
1+1cr 1aw;181+li 1aq;181+li+lj 1q1;181+le 1db;181+190 1gs;182+le 1pu;1av+179 1gx;183+1cr 184;183+le 1ha;185+1c\
r 1b2;185+mc+mb 1pr;187+1cr 1b3;18h 1bb;1b5 1q3 19r 1q4;1b5+1cr 1b8 1bc;1b6+1cr 1pg;18j 1bd 1be;18j+1cr 1bh 1g\
j;18j+li 1qa;1bg 1gi;1bj 1ps;1bj+1cr 1bo;18k+1cr 1br;18k+li 1bp;18l+1cr 1pj;18l+1hiy 1dq;18m 1hhi;18m+179 1go;\
18m+li 1gp;18o 1pt;18o+1cr 1cb;18o+lv 1c7;18o+li 1c6;18o+le 1c9;18o+19s 1c8;18p 19q 1bu 1q5 18q 1cc 1ci;18p+17\
9 1a1 1bv;18p+1cr 1a6 1g2 17v 1bx 1ch 18f;18p+1cr+1cy 1pz;18p+li 1g6 1ce;18p+179+li 1q8;18p+1cr+li 1q6;18p+li+\
lj 1q2;18p+le 18d;18p+lm 1ov;18p+190 1pk;8xs 1f3s;3k6 11g;3mp 11o;3ou 117;3s3 11m;1s5+li 1v6;1s5+1tq 1s6;1s5+1\
tq+li 1sh;1s5+1tq+1tm 1v8;1s5+1tq+1ty 1si;1s5+1tq+1u0 1sk;1s5+1tq+1jz8 1sj;1s5+1tm 1v7;1s5+1u7 1v9;1s5+1ty 1s4\
;1s9 204;1sf+li 1sd;1sf+1ty 1se;1sf+1jz8 1sg;1sv 1zz;1sw 200;1sy 20b;1t0+1u5+1t0 1zw;1t6 207;1t6+1u5+1sv 22a;1\
t6+1u5+1sv+1xb 1zb;1t6+1u5+1sv+20w 1zc;1t6+1u5+1sv+1jz8 1zj;1t9 20e;1ta 20o;1tc+1u5+1s7 1s8;1th 1zp;1tl 20l;1t\
p 24d;xdn 1i3g;1tq+li 1u1;1tq+1tm 1tn;1tm 1i2z 1jz4;1tt 24h;1tu 24i;1ty 217;1u0 214;1u5 219 24t;1vp+1xa 1vq;1v\
v+1xf 1y8 1y9;1w8 1imq;1wa 1ims;1wc 1imu;1we 1imw;1wf 1imx;1wh 1imz;1wj 1ine;1wk 1in2;1wl 1in3;1wm 1in4;1wn 1i\
n5;1wo 1in6;1wq 1in7;1ws 1ind;1wu 1inb;1wv 1inc;1ww 1yo 1inf;1wy 1in1;1x3 1inh;1x4 1ini;1x9 1io4;1xa 1ink;1xb \
1tr 20v 1inl;1xj 1int;1xp 1io2;1xz 1inx;22b+1jz6 1zd;22b+1jz7 1ze;1z9+1u0 1zk;1z9+20u 1za;1z9+218 1zo;22t+24e \
22u;22t+24e+24l 235;22t+24e+24n 237;22t+24e+24o 238;22t+24l 231;22t+24n 233;22t+24o 234;26d+27y 26e;287 375;29\
x 2cu;2a0 2b4 2bi;2a0+2bl 2cr;2a1 2co 2kp;2a1+2b7 2a2;2a1+2mv 2kq;2a6 2ct;2a8 2ak 2l8;2ad 2cn;2ai 2cq;2ai+2bl \
2cs;2an+2bj 2m2;2ar 2lf;2ar+2ml 2nu;2b2 2lh;2b9 2l2;2b8 2lw;2b7 2c7;2ax 2bs;2ba 2bc 2ly;2bj 2m7 2m8;2bq 2me;2b\
q+2bq 2mg;2bq+2ku 2kw;2br 2mf;2dh 2h1;2di 2h2;2dj 2h3;2dn+2f2 2g0;2do+2f2 2g1;2ds 2hc;2du 2he;2du+2fg 2dw 2hg;\
2du+2fp 2dv 2hf;2dz 2hj;2e4 2ho;2e5 2hp;2e6 2hq;2e7 2hr;2e9+mb 2ea;2eb 2hv;2ee 2hy;2ef+14s 2ed;2eg 2i0;2ek+mb \
2el;2en 2i7;2eo 2i8;2eo+14s 2e8;2ep 2i9;2eq 2ia;2et+mb 2ev;2et+2f2 2ex;2et+2f5 2em;2er 2ib;2f3 2in;2f5 2ip;2f5\
+2f2 2f6;2f7 2ir;2f7+2f2 2f8;2h8+2im 2jl;2hi+mb 2dy;2kn+2mv 2ko;2ky+2m6 2kz;2ky+2mv 2l0;2la 2n5;2li+2ml+2ls 2n\
f;2lk+2m9 2ks 2l5;2lk+2ml 2nj 2nv;2lk+2ml+2lk 2ng;2ls 3bs 2lt 35u;2ls+2ml 2ne 2nw;2ls+37i 39d;2ls+370 35s;2ls+\
370+37d+2ls+370 36r;2lu+2ml 2nx;2lx+2ml+2ls 2ni;2lv+2ml 2ny;2m9 2ma 2mb;2oh 2ph;2oh+2qh 2oj;2oh+2q2 2oi;2ok 2p\
l;2or 2pi;2ow 2ps;2oy 2qy;2pb 2qz;2pj 2pw;2pv+2qg 2od;1ik4+1iki+1ij6 1ij7;1ik4+1iki+1ijc 1ijd;1ik4+1iki+1ijn 1\
ijo;1ik4+1iki+1ijt 1iju;1ik4+1iki+1ijw 1ijx;1ik4+1iki+1ijy 1ijz;1ite 1ivs 1ivt;1itf 1ivu;1itg 1ivv;1iuq 1ivw;1\
iur 1ivx;2rm 2rn;2ro 2s4 2s5;2rq 2sh;2rs 2vc;2ru 2rv;2ry 2rz;2s1 2s7;2sa 2vu;2sb 2vv;2sd 2vx;2se 2vy;2sf 2vz;2\
sg 2sm;2si 2vh;2sy 2th;2t0 4on;2t1 4oo;2t2 4op;2t3 4oq;2t4 2wo;2t5 2wp;2tc+2tc 2td;31e 31m;31k+324+326 2yo;322\
+322 323;324+324 325;1k8a 1k8i;4k5 4l0;35v+37i 38w;36d+37i 38m;36d+370 36n;36d+370+37i 38v;399+37i 39a;36j+37i\
 38h;36m+37g 36x;36m+37g+287+370+37e 36y;4ne 4nj;4o2 4o3;526 53k;52p 53l;56t 58g 58w;xkx xn7;xlv xna;5cd 5ea;5\
ch 5eb;5d4 5eg;xi5 xib;4t8 4uu;4s5 4t1;3y9+53 3yl;3y9+3z4 3zf;3yc+53 3yp;3yd+53 3yr;3yd+3z4 3zh;3ye+53 3yt;3yi\
+53 3yw;3yi+3z4 3zi;3yj+53 3yy;3z2+4wv 4wt;3z5 441;3zd 474;3zm+53 3zz;3zo+53 403;3zt+53 407;40f+53 40s;40g+53 \
40u;40g+13 415;40h+53 40w;40l+53 40y;40l+13 416;40m+53 410;417+53 41h;417+13 41x;41a+53 41l;41c+53 41p;421 4cj\
;421+53 42b;423+53 42d;424+53 42f;426+53 42j;428 4ci;428+53 42l;429+53 42n;42r+53 431;42u+53 435;42v+53 437;42\
w+53 439;42z+53 43d;43k+53 43u;43m+53 4w7;43n+53 4w9;43o+53 4wb;43p+53 4wd;43r+53 43w;43s+53 43y;443 4ck;443+5\
3 44d;445+53 44f;446+53 44h;447+53 44j;448+53 44l;44a 4cn;44a+53 44n;44b+53 44p;44t+53 453;44v+53 455;44w+53 4\
57;44x+53 459;44y+53 45b;450+53 45d;451+53 45f;45n+1o 45o;45n+2q 45q;45n+40l 45p;45n+428 45r;45s+53 460;45t+53\
 462;45u+53 464;45v+53 466;45w+53 468;45x+53 46a;45y+53 46c;46g+53 46q;46h+53 46s;46i+53 46u;46j+53 46w;46l+53\
 46y;46m+53 470;477 4de;477+53 4ww;47a 4df;47e 4dg;47g+53 47j;47k+2q 48z;47k+2q+lj 490;47k+2s 48x;47k+28 48v;4\
7k+417 4fj;47k+418 48u;47k+41a 48w;47k+41c 48y;47k+41v 491;47u+53 47w;47y+53 4wz;486+53 4x0;487+53 489;48b+53 \
4x1;492+53 4x4;49h+22 49d;49h+421 4fk;49h+422 49a;49h+423 49b;49h+424 49c;49h+426 49e;49h+428 49f;49h+429 49g;\
49i+22 4fn;49i+423 4fl;49i+424 4fm;49i+426 4fo;49i+428 4fp;49i+429 4fq;49j+53 4x6;49z+53 4fr;4a0+53 4fs;4a1+53\
 4ft;4a2+53 4fu;4a3+53 4fv;4a4+53 4fw;4a5+53 4fx;4bl wl3;4c4+53 4xc;4d7+53 4xe;4f4 wkt;4wv+3z2 4ws;4xh 4wr;4hl\
 wxc;4ho 4ip;4hp 4hu;4j3 8yr;4ik 1jg7 1f2s;4iu 1fio;3cw 3hk;3cw+3cw 3cx 3hl;3cw+3d5 3hm;3cy 3hn;3cy+3d8 3ho;3c\
y+3de 3hp;3cy+3fy+ffs mkf;3cz 3hq;3cz+3cz 3d0;3d1 3hr;3d1+3cw 3hs;3d1+3d2 3ht;3d1+3d3 3hu;3d1+3d5 3hv;3d1+3dc \
3hw;3d1+3dd 3hx;3d1+3de 3hy;3d2 3hz;3d2+3fl ggv;3d3 3i0;3d3+3d3 3d4;3d3+3d5 3i1;3d5 3i2;3d5+9oc+3cw fka;3d5+9o\
c+3d2 glk;3d5+3d5 3d6 3i3;3d5+3d5+9oc fff;3d7 3i4;3d8 3i5;3d8+3d8 3d9;3d8+3ft ff9;3da 3i6;3db 3i7;3dc 3i8;3dc+\
9oc+3cy+3d8 tiv;3dd 3i9;3de 3ia;3fl+ffs 3fm;3fn+ffs 3fo;3fp+ffs 3fq;3fr+ffs 3fs;3ft+3fl 3fu;3ft+3fl+ffs 3fv;3f\
t+ffs 3fw;3fy+3fp 3fz;3fy+3fp+ffs 3g0;3fy+ffs 3g1;9ko 9nc;2dk2 fim;wk5 x4h;wkk x3y;wl2 20iu 1fdd;1jvp+1jvz 1jv\
q;1jvp+1jvp 1jvs;1jvp+1jvp+1jvz 1jvt;1jvp+1jvp+1jw0 1jvu;1jvp+1jw0 1jvr;1jw3+1jvz 1jw4;1jw3+1jw3 1jw6;1jw3+1jw\
3+1jvz 1jw7;1jw3+1jw3+1jw0 1jw8;1jw3+1jw0 1jw5;1jvv+1jvz 1jvw;1jvv+1jvv 1jvx;1jvv+1jvv+1jvz 1jvy;1f3c wwq;1fei\
 x3v;1fde x3u;1fgm 1fhc;1fa2 1kxk;1ggu 1omx;ffs 3g5;fik 9mz;fjv 9lw;fp1 fsy;ftw fuk;g1r 9pi 20oi;g2z 9n3;g6t 2\
ues;gbf 9m3;ggh 3yht;ggs 9mw;gkj 9nx h5j;ako dcr;gur gv3;h7j hkb;app beb;hgh hgr;hij hkv;hkn 2xbn;hlh 9mn;hlm \
2xdz;2xm0 2xlz;hwv hz4;ibk 3tbu;ijp 9m0;ild ilu;ivu 30g5;jee jeg;bi9 jrd;bmi kc6;k7u k89;33a7 3tby;kcs peu;kcv\
 pg0;kcw pfu;kcz phd;bp1 ph2;kd4 pif;bp6 imo;bp7 dgg;kdf plz;kfi kjj;bs3 kx5;kv1 kyv;lmt 358g;lu0 lzt;37dg 3rn\
p;mud 37jx;395l 395m;cop vk3;cov k83;npw nrj;or9 os6;ouf 4dq4;3d7s 3d7h;ph8 pj5;dhf kdi;3eie 3eo6;q6l qbj;qif \
qip;3gz2 dxx;ram rct;dyu ra6;rk6 rkf;rq4 rqb;rvf 3b2s;ry7 rye;s11 s1m;s5z s63;s8v s9z;slq sm6;t65 t66;trr trs;\
v9e v9f;vdd vde;2fw 2jg;5ay 5wo;5az 92m;5b9 5bb;5bd m2;x5a id x5b;1hiy nc;1jz6 1ue 20x;1jz7 1uf 20y;1jz8 1tz 2\
13;20oj g2a;3tbz j7c\
`
